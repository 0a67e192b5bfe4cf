"""The verdicts on the screen and as JSON: the answer first, then what is not well and what to do, then all that is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from watcher.board.objects import Object, time_text
from watcher.clean import plain
from watcher.cli.checkup.patient import Patient
from watcher.cli.checkup.verdict import How, Verdict
from watcher.cli.layout import alarm, bold, cells, good, heading, pad, quiet, wrap

#: Raised when a key changes its meaning or goes; new keys do not raise it.
VERSION = 1

_HEADS = ((How.BROKEN, "BROKEN"), (How.LOOK, "TO LOOK AT"))
_LONGEST_LABEL = 24


def lines(verdicts: Sequence[Verdict], *, width: int) -> list[str]:
    """All of it, wrapped."""
    answer = summary(verdicts)
    room = min(max((cells(plain(_label(one))) for one in verdicts), default=0), _LONGEST_LABEL)
    said = [good(answer) if _worst(verdicts) is How.WELL else bold(answer)]
    for how, head in _HEADS:
        found = [one for one in verdicts if one.how is how]
        if found:
            said += ["", alarm(head)]
        for one in found:
            said += _rows(_label(one), one, room=room, width=width)
    sections = dict.fromkeys(one.section for one in verdicts if one.how in (How.WELL, How.UNSEEN))
    if sections:
        said.append("")
    for section in sections:
        said.append(heading(section.upper()))
        for one in verdicts:
            if one.section == section and one.how in (How.WELL, How.UNSEEN):
                style = quiet if one.how is How.UNSEEN else str
                said += [style(line) for line in _rows(one.check, one, room=room, width=width)]
    return said


def _rows(label: str, one: Verdict, *, room: int, width: int) -> Iterator[str]:
    """A label and its words beside it; a label that is too long has a line of its own. What to do stands below."""
    start = 2 + room + 2
    words = wrap(plain(one.words), width=width, indent=start)
    if cells(label) > room:
        yield from wrap(plain(label), width=width)
        yield from words
    else:
        yield f"  {pad(plain(label), room)}  {words[0].lstrip() if words else ''}"
        yield from words[1:]
    if one.do:
        # A command is never broken into lines, so that it can be copied.
        yield f"    {plain(one.do)}"


def _label(one: Verdict) -> str:
    return f"{one.section}, {one.check}"


def summary(verdicts: Sequence[Verdict]) -> str:
    """The answer: "2 things are broken, 1 to look at."."""
    broken, look, unseen = (sum(one.how is how for one in verdicts) for how in (How.BROKEN, How.LOOK, How.UNSEEN))
    if not broken and not look:
        return "All is well." if not unseen else f"All that could be looked at is well; {unseen} could not."
    parts = []
    if broken:
        parts.append(f"{broken} {'thing is' if broken == 1 else 'things are'} broken")
    if look:
        parts.append(
            f"{look} to look at" if broken else f"Nothing is broken; {look} {'thing' if look == 1 else 'things'} to look at"
        )
    return f"{', '.join(parts)}."


def _worst(verdicts: Sequence[Verdict]) -> How:
    found = {one.how for one in verdicts}
    return next((how for how in (How.BROKEN, How.LOOK) if how in found), How.WELL)


def report_object(verdicts: Sequence[Verdict], patient: Patient) -> Object:
    """All of it for ``--json``."""
    return {
        "version": VERSION,
        "at": time_text(patient.now),
        "result": str(_worst(verdicts)),
        "summary": summary(verdicts),
        "config": None if patient.settings.file is None else str(patient.settings.file),
        "state": str(patient.state),
        "checks": [
            {"section": one.section, "check": one.check, "verdict": str(one.how), "words": one.words, "do": one.do}
            for one in verdicts
        ],
    }
