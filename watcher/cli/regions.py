"""From a time zone to the country it is in, by the table that comes with the time zone database."""

from __future__ import annotations

from pkgutil import get_data


def country_of(zone: str) -> str | None:
    """The country (ISO 3166-1 alpha-2) that a zone is named for; None for zones of no country, such as UTC.

    From `zone.tab` of the IANA time zone database: a line is country, coordinates, zone and remark, parted by tabs.
    """
    # Not by `importlib.resources`, which costs every command 8 ms.
    table = get_data("tzdata", "zoneinfo/zone.tab") or b""
    for line in table.decode("utf-8").splitlines():
        fields = line.split("\t")
        if not line.startswith("#") and len(fields) > 2 and fields[2] == zone:
            return fields[0]
    return None
