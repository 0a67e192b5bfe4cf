"""The story of a date: what was believed from which day on, what was told and not believed; what the slip chart draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from watcher.board.board import Sheet
from watcher.board.grounds import Manner, Rival
from watcher.board.words import who_in_words
from watcher.edtf import Edtf
from watcher.model import Fact, ReleaseKey
from watcher.tell.countdown import TYPE_ORDER
from watcher.tell.dates_in_words import Dates, move_in_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What was believed from the day `told` on: a date, `unset`, or None where all that was said was taken back."""

    told: date
    value: Edtf | None
    outlets: tuple[str, ...] = ()

    @property
    def dated(self) -> Edtf | None:
        """The date, where there is one to draw."""
        return None if self.value is None or self.value.is_unset else self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A date that was told on the day `told` and not believed; `again` where it had been given up before."""

    told: date
    value: Edtf
    outlets: tuple[str, ...] = ()
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One release from the first report to the last day that matters.

    `before` is a date that only the first report named, as the one it took the place of. `until` is today, or the release
    itself once it is past: nothing happens to a date after its day. `today` is None where the story ended before it.
    """

    steps: tuple[Step, ...]
    rejected: tuple[Report, ...] = ()
    before: Edtf | None = None
    until: date
    today: date | None = None

    @property
    def is_worth_drawing(self) -> bool:
        """Whether there is more to see than one date that stood."""
        return len(self.steps) + len(self.rejected) + (self.before is not None) > 1 and any(step.dated for step in self.steps)


def main_key(sheet: Sheet) -> ReleaseKey | None:
    """The release whose story is told: the one that is counted to, else the first that was ever held for the user's regions."""
    main = sheet.stand.main
    if main is not None:
        return main.key
    chain = sheet.stand.chain
    ours = [key for key in sheet.revisions if key.region in chain]
    order = {kind: number for number, kind in enumerate(TYPE_ORDER)}
    return min(ours, key=lambda key: (order[key.type], chain.index(key.region)), default=None)


def story_of(sheet: Sheet, key: ReleaseKey, today: date, dates: Dates) -> Story:
    """The story of one release of a title, as of a day on the user's calendar."""
    revisions = sheet.revisions.get(key, ())
    steps = steps_of(revisions, today, dates)
    grounds = sheet.grounds.get(key)
    rejected = reports_of(grounds.rivals if grounds else (), today, dates)
    named = revisions[0].superseded if revisions else ()
    last = steps[-1].dated if steps else None
    told = [today, *(step.told for step in steps), *(report.told for report in rejected)]
    until = max(told)
    if last is not None and last.latest < today:
        until = max([last.latest, *told[1:]])
    return Story(
        steps=steps,
        rejected=rejected,
        before=named[-1] if named and not named[-1].is_unset else None,
        until=until,
        today=today if today <= until else None,
    )


def steps_of(revisions: Sequence[Fact], today: date, dates: Dates) -> tuple[Step, ...]:
    """Each value that was held and the day of its news; revisions that only became surer are one, and no step leads back."""
    steps: list[Step] = []
    for fact in revisions:
        if steps and steps[-1].value == fact.value.date:
            continue
        told = min(dates.day_of(fact.since), today)
        told = max(told, steps[-1].told) if steps else told
        steps.append(Step(told=told, value=fact.value.date, outlets=fact.outlets))
    return tuple(steps)


def reports_of(rivals: Sequence[Rival], today: date, dates: Dates) -> tuple[Report, ...]:
    """The dates that were told against what was held; a denial names no date of its own."""
    return tuple(
        Report(
            told=min(dates.day_of(rival.since), today),
            value=rival.value.date,
            outlets=rival.outlets,
            again=rival.manner is Manner.AGAIN,
        )
        for rival in rivals
        if rival.manner is not Manner.DENIES and rival.value.date is not None and not rival.value.date.is_unset
    )


def in_sentences(story: Story, dates: Dates) -> list[str]:
    """The whole story for who cannot see the picture, a sentence for each step and each report."""
    told = [(step.told, _step_in_words(step, before, dates)) for step, before in _with_former(story)]
    told += [(report.told, report_in_words(report, dates)) for report in story.rejected]
    return [sentence for _, sentence in sorted(told, key=lambda one: one[0])]


def _with_former(story: Story) -> list[tuple[Step, Edtf | None]]:
    former = [story.before, *(step.value for step in story.steps)]
    return list(zip(story.steps, former, strict=False))


def _step_in_words(step: Step, before: Edtf | None, dates: Dates) -> str:
    """One step: "On June 11, 2024 it was set for July 11, 2025, said Morning Reel."."""
    on, who = f"On {dates.day(step.told)}", f", said {who_in_words(step.outlets)}" if step.outlets else ""
    if step.value is None:
        return f"{on} what had been said was taken back."
    if step.value.is_unset:
        return f"{on} it went off the calendar{who}."
    when = dates.in_words(step.value)
    if before is None or before.is_unset:
        return f"{on} it was set for {when}{who}."
    if before.holds(step.value):
        return f"{on} it was narrowed from {dates.in_words(before)} to {when}{who}."
    size = move_in_words(before, step.value)
    return f"{on} it moved from {dates.in_words(before)} to {when}{f', {size}' if size else ''}{who}."


def report_in_words(report: Report, dates: Dates) -> str:
    """A report that was not believed: "On September 2, 2024 Copycat told March 14, 2025, and was not believed."."""
    who = who_in_words(report.outlets) if report.outlets else "somebody"
    again = "once more " if report.again else ""
    return f"On {dates.day(report.told)} {who} told {again}{dates.in_words(report.value)}, and was not believed."
