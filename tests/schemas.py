"""A document held against a JSON Schema, as far as the schemas of these tests go: no key passes that is not written down.

Of JSON Schema (draft 2020-12) it knows `type`, `enum`, `const`, `pattern`, `minimum`, `items`, `minItems`, `maxItems`,
`properties`, `required`, `additionalProperties: false` and `$ref` to `#/$defs/`; any other word in a schema is an error, so
that none is written in vain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_KNOWN = {"type", "enum", "const", "pattern", "minimum", "items", "minItems", "maxItems", "properties", "required"} | {
    "additionalProperties",
    "$ref",
    "$defs",
    "$schema",
    "title",
    "description",
}
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "null": (type(None),),
    "integer": (int,),
}


def breaches(value: Any, schema: dict[str, Any]) -> list[str]:
    """Where a document is not what its schema says, a line each; empty where it holds."""
    return list(_breaches(value, schema, schema, "$"))


def _breaches(value: Any, schema: dict[str, Any], root: dict[str, Any], where: str) -> Iterator[str]:
    assert set(schema) <= _KNOWN, f"{where}: this validator does not know {sorted(set(schema) - _KNOWN)}"
    if "$ref" in schema:
        yield from _breaches(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, where)
        return
    names = schema.get("type", list(_TYPES))
    allowed = [kind for name in ([names] if isinstance(names, str) else names) for kind in _TYPES[name]]
    if type(value) not in allowed:
        yield f"{where}: {value!r} is not of type {names}"
        return
    yield from _scalar(value, schema, where)
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            yield f"{where}: {len(value)} items"
        for number, one in enumerate(value):
            yield from _breaches(one, schema.get("items", {}), root, f"{where}[{number}]")
    if isinstance(value, dict):
        known = schema.get("properties", {})
        yield from (f"{where}: {name} is missing" for name in schema.get("required", ()) if name not in value)
        if schema.get("additionalProperties") is False:
            yield from (f"{where}: {name} is not written down" for name in value if name not in known)
        for name in known.keys() & value.keys():
            yield from _breaches(value[name], known[name], root, f"{where}.{name}")


def _scalar(value: Any, schema: dict[str, Any], where: str) -> Iterator[str]:
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where}: {value!r} is none of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        yield f"{where}: {value!r} is not {schema['const']!r}"
    if isinstance(value, str) and re.search(schema.get("pattern", ""), value) is None:
        yield f"{where}: {value!r} does not match {schema['pattern']}"
    if isinstance(value, int) and value < schema.get("minimum", value):
        yield f"{where}: {value} is less than {schema['minimum']}"
