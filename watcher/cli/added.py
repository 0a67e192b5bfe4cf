"""What `watcher add` says when it is done: what was written, what was looked through, what is unclear, and what is believed.

``--json`` prints one object::

    version     1; raised when a key changes its meaning or goes
    config      the file; written: whether it was changed
    title       id; name; was (null, "own" or "built in"): how it was watched before
    added       name, aliases, context, not, origin, known: what the configuration did not have
    ambiguous   names (those that may mean anything, none where something shows the film), texts (how many name it), reasons
                (why some of them may mean something else), proposals (names that stand together beside it, most often first)
    looked      stored (how many items), tags and links (url, outlet, items, error, missing), named, articles, changes
    status      as the entry of `titles` in `watcher status --json`
    next        what to do next
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from watcher.board.objects import VERSION, Object
from watcher.board.words import capital, count_in_words
from watcher.clean import plain
from watcher.cli.config_file import new_lines
from watcher.cli.layout import alarm, screen_width, wrap
from watcher.cli.looking import Looked
from watcher.cli.upcoming import Step, config_option
from watcher.config import Config
from watcher.config.edit import Wanted, table_of
from watcher.lookup import Answer
from watcher.model import Title
from watcher.tell.lists import names_in_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A change of the configuration. `title` is as it will be watched, `was` as it is watched now, `more` what it lacks."""

    path: Path
    before: str | None
    after: str | None
    config: Config
    title: Title
    was: Title | None
    more: Wanted

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to write."""
        return self.after != self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguity:
    """Why a title's name is not enough: `names` that may mean anything, what texts make of them, and what may show the film.

    `others` of the `texts` do not show that they mean a film, or mean another; `reasons` are the most common ones.
    """

    names: tuple[str, ...] = ()
    texts: int = 0
    others: int = 0
    reasons: tuple[str, ...] = ()
    groups: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of adding a title: the look, what is unclear, and what is believed now, for the screen and for programs."""

    looked: Looked
    ambiguity: Ambiguity
    screen: list[str]
    status: Object
    next: Step


def added_lines(edit: Edit, done: Done, config_path: str | None, *, dry_run: bool) -> list[str]:
    """All of it for the screen."""
    width = screen_width()
    lines = wrap(_written(edit, dry_run=dry_run), width=width, indent=0)
    lines += ["", *(f"    {line}" for line in new_lines(edit.before, edit.after)), ""] if dry_run and edit.is_needed else []
    lines += wrap(_looked(done.looked, edit.title), width=width, indent=0)
    for answer in done.looked.links:
        lines += wrap(_link(answer, done.looked, edit.title), width=width, hanging=4)
    lines += _warning(edit.title, done.ambiguity, config_path, width=width)
    shown = "\n".join(done.screen).rstrip().split("\n")
    if dry_run:
        return [*lines, "", *shown, "", "A dry run: nothing was written or stored."]
    return [*lines, "", *shown, "", *wrap(done.next.words, width=width, indent=0), f"  {done.next.command}"]


def _written(edit: Edit, *, dry_run: bool) -> str:
    name = plain(edit.title.name)
    if not edit.is_needed:
        return f"{name} is watched already, and {edit.path} has all of it."
    would = "would be" if dry_run else "is"
    if edit.was is None:
        return f"{name} {would} watched: added to {edit.path}."
    more = ", ".join(_more(edit.more))
    if edit.was.builtin:
        return f"{name} is watched already, built in; {edit.path} {'would have' if dry_run else 'has'} it now with {more}."
    return f"{name} is watched already; {edit.path} {'would have' if dry_run else 'has'} it now with {more}."


def _more(more: Wanted) -> list[str]:
    """What was added, in words."""
    lists: tuple[tuple[int, str, str], ...] = (
        (len(more.aliases), "alias", "aliases"),
        (len(more.context), "word of context", "words of context"),
        (len(more.exclusions), "exclusion", "exclusions"),
        (len(more.known), "release", "releases"),
    )
    words = [f"{number} more {one if number == 1 else several}" for number, one, several in lists if number]
    return [*words, *([f"origin {more.origin}"] if more.origin else [])]


def _looked(looked: Looked, title: Title) -> str:
    """What was looked through, and what it came to."""
    name = plain(title.name)
    answered = sum(answer.error is None for answer in looked.tags)
    counted = ((looked.stored, "stored item"), (answered, "tag page"), (len(looked.links), "link"))
    places = names_in_words([count_in_words(number, noun) for number, noun in counted if number])
    if not places:
        return f"Nothing that is stored has the words of {name}" + (", and no tag page answered." if looked.tags else ".")
    number = len(looked.named)
    if not number:
        return f"Looked through {places}: nothing names {name}."
    before = sum(one.again for one in looked.taken)
    known = f" ({before if before < number else 'all'} known before)" if before else ""
    behind = sum(one.error is None for one in looked.articles)
    read = f", and {count_in_words(behind, 'article')} behind them {'was' if behind == 1 else 'were'} read" if behind else ""
    changes = capital(count_in_words(looked.changes, "change"))
    found = f"{count_in_words(number, 'text')} {'names' if number == 1 else 'name'} {name}"
    return f"Looked through {places}: {found}{known}{read}. {changes}, told to nobody."


def _link(answer: Answer, looked: Looked, title: Title) -> str:
    """What came of a link that was given."""
    if answer.error:
        return f"{plain(answer.url)}: not read: {plain(answer.error)}"
    mine = [one for one in looked.named if one.text in answer.texts]
    if not mine:
        return f"{plain(answer.url)}: does not name {plain(title.name)}"
    claims = sum(len(read.evidence) for one in mine for read in one.reads)
    return f"{plain(answer.url)}: {'read before' if all(one.again for one in mine) else count_in_words(claims, 'claim')}"


def _warning(title: Title, ambiguity: Ambiguity, config_path: str | None, *, width: int) -> list[str]:
    """That a name may mean anything, what the texts show of it, and a command for each film that it may be."""
    if not ambiguity.names:
        return []
    names = " and ".join(f'"{plain(name)}"' for name in ambiguity.names)
    said = f"{names} may mean anything: a text that only has that name counts as a rumour at most, and makes no news."
    lines = [alarm(line) for line in wrap(said, width=width, indent=0)]
    if ambiguity.others:
        why = f" ({'; '.join(plain(reason) for reason in ambiguity.reasons)})" if ambiguity.reasons else ""
        lines += wrap(
            f"Of {count_in_words(ambiguity.texts, 'text')} with it, {ambiguity.others} may mean something else{why}.", width=width
        )
    if not ambiguity.groups:
        example = _command(title, ("…",), config_path)
        return [*lines, "  Say who makes it or is in it:", f"    {example}"]
    one = len(ambiguity.groups) == 1
    said = "These stand beside it. If they belong to your film:" if one else "These stand beside it. Which of them is your film?"
    return [*lines, f"  {said}", *(f"    {_command(title, group, config_path)}" for group in ambiguity.groups)]


def _command(title: Title, people: tuple[str, ...], config_path: str | None) -> str:
    """A command that says who shows the title. The names come from texts, so a shell must not obey them."""
    words = [shlex.quote(plain(title.name)), *(f"--people {shlex.quote(plain(name))}" for name in people)]
    return f"watcher {config_option(config_path)}add {' '.join(words)}"


def added_object(edit: Edit, done: Done, config_path: str | None, *, dry_run: bool) -> Object:
    """The same for ``--json``."""
    looked, unclear = done.looked, done.ambiguity
    return {
        "version": VERSION,
        "config": str(edit.path),
        "written": edit.is_needed and not dry_run,
        "title": {
            "id": edit.title.id,
            "name": edit.title.name,
            "was": None if edit.was is None else "built in" if edit.was.builtin else "own",
        },
        "added": table_of(edit.more),
        "ambiguous": {
            "names": list(unclear.names),
            "texts": unclear.texts,
            "reasons": list(unclear.reasons),
            "proposals": [list(group) for group in unclear.groups],
            "commands": [_command(edit.title, group, config_path) for group in unclear.groups],
        },
        "looked": {
            "stored": looked.stored,
            "tags": [_answer_object(answer) for answer in looked.tags],
            "links": [_answer_object(answer) for answer in looked.links],
            "named": len(looked.named),
            "articles": sum(one.error is None for one in looked.articles),
            "changes": looked.changes,
        },
        "status": done.status,
        "next": str(done.next),
    }


def _answer_object(answer: Answer) -> Object:
    return {
        "url": answer.url,
        "outlet": answer.outlet,
        "items": len(answer.texts),
        "error": answer.error,
        "missing": answer.missing,
    }
