"""What is asked before a text is read closely saves time, and never changes what is read."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from readings import OUTLETS, item

from watcher.model import Title
from watcher.read import Reader, dates
from watcher.read.credits import CreditReader
from watcher.read.dates import DateFinder
from watcher.read.grammar import grammar, languages
from watcher.read.needs import Needs
from watcher.read.releases import ReleaseReader
from watcher.read.text import flat

DATA = tomllib.loads(Path(__file__).with_name("sentences.toml").read_text(encoding="utf-8"))
TITLES = tuple(Title(id=row["id"], name=row["name"], context=tuple(row["context"])) for row in DATA["title"])
TEXTS = tuple(flat(row["text"]) for row in DATA["sentence"])
ALWAYS = frozenset(("",))
#: Dates in the forms that the sentences seldom have.
RARE = (
    "It opens two weeks from now, in the third quarter of 2027, at the end of the month or on the same day.",
    "Am Freitag, den 6.6.2031, startet er; zwei Wochen später, am selben Tag, Ende des Monats oder nächste Woche Freitag.",
    "El viernes 6 de junio o el 06/06/2031; dos semanas después, el mismo día, el próximo mes o en Navidad.",
    "Le vendredi 6 juin ou le 06.06.2031 ; deux semaines plus tard, le même jour, le mois prochain ou à Noël.",
    "Venerdì 6 giugno o il 06-06-2031; due settimane dopo, lo stesso giorno, il mese prossimo o a Natale.",
    "Sexta-feira, 6 de junho ou 06/06/2031; duas semanas depois, no mesmo dia, no próximo mês ou no Natal.",
    "2031-06-06, 2031/06/06, 6/13/2031, 13/6/2031, Q3 of 2031, H2 of 2031, summer/fall 2031, June/July 2031, June that year.",
)


class Unasked(Needs):
    """Needs that every text meets."""

    def of(self, _: str) -> tuple[frozenset[str], frozenset[str]]:
        """What every text has."""
        return ALWAYS, ALWAYS

    def met(self, *_: str | int) -> frozenset[str]:
        """What every text has."""
        return ALWAYS


@pytest.mark.parametrize("language", languages())
def test_what_dates_need_hides_none(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The dates found in any text are those that all expressions find where none is left out."""
    table = grammar(language).dates
    asked = DateFinder(table)
    monkeypatch.setattr(dates, "Needs", Unasked)
    unasked = DateFinder(table)
    found = {text: unasked.find(text, 0, len(text)) for text in (*RARE, *TEXTS)}
    assert sum(map(len, found.values())) > len(RARE)
    assert {text: asked.find(text, 0, len(text)) for text in found} == found


def test_sentences_left_unread_tell_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading closely every sentence of every item takes no more from it."""
    reader = Reader(TITLES, OUTLETS)
    items = [item(row["text"], title=row.get("headline", ""), on=str(row["published"])) for row in DATA["sentence"]]
    shortly = [reader.explain(one) for one in items]
    monkeypatch.setattr(ReleaseReader, "may_tell", lambda *_: True)
    monkeypatch.setattr(CreditReader, "may_tell", lambda *_: True)
    assert [reader.explain(one) for one in items] == shortly


def test_a_phrase_at_a_start_is_one_that_is_found_there() -> None:
    """A stretch begins with a phrase where the phrases found in it say so, and nowhere else."""
    known = grammar()
    starts = 0
    for text in TEXTS:
        for phrases in (known.retractions, known.official, known.hedges, known.breaks):
            for at in (hit.start for hit in phrases.find(text, 0, len(text))):
                starts += 1
                assert phrases.begins(text, at, len(text))
            hits = phrases.find(text, 0, len(text))
            assert phrases.begins(text, 0, len(text)) == bool(hits and hits[0].start == 0)
    assert starts > len(TITLES)
