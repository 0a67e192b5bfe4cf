"""The words of a simulated year: its films and people, what is written about them, and film news about nobody who is watched."""

from __future__ import annotations

import random
from datetime import date, timedelta

FILMS = (
    *(("The Salt Meridian", "Ilse Varghold"), ("Nine Quiet Rooms", "Casimir Drayle"), ("The Glassmaker's Debt", "Runa Kesh")),
    *(("Driftwood", "Noor Bellwin"), ("A Winter for Odile", "Hamo Ostermark"), ("The Last Ferry to Varn", "Zuzka Tolland")),
    *(
        ("Copperhead Lane", "Pell Morrowin"),
        ("The Orchard Wall", "Wendel Ashgrove"),
        ("Paper Lanterns Burning", "Tomas Ferrante"),
    ),
    *(("The Bellfounder", "Greta Lindqvar"), ("Under the Tollgate", "Basil Rookwood"), ("What the Tide Kept", "Mirela Santovar")),
)
FIRST = ("Ada", "Bo", "Clementine", "Dario", "Edda", "Felix", "Gudrun", "Hollis", "Ivo", "Juno", "Kaspar", "Lotte")
LAST = ("Quill", "Tarn", "Ullathorne", "Penhallow", "Strand", "Vantongeren", "Okonjo", "Brisk", "Malinga", "Sorrel")

#: The news itself, in the words of whoever has it, and of others on the same days.
NEWS = {
    "set": (
        "{film}, the new drama by {by}, opens in theaters on {new}.",
        "The studio has set {film} for release in theaters on {new}.",
    ),
    "set-month": ("{film}, the new drama by {by}, opens in theaters in {new}.",),
    "refined": ("{film}, the new drama by {by}, opens in theaters on {new}.",),
    "moved": (
        "The studio has pushed {film} from {old} to {new}. The new drama is by {by}.",
        "The {by} drama {film} will now open on {new} instead of {old}, the studio told exhibitors.",
        "{by} will have to wait: {film} has shifted its release date from {old} to {new}.",
    ),
    "unset": (
        "{film} has been taken off the release calendar. The {by} drama was to open on {old}.",
        "The studio has removed {film}, the new drama by {by}, from its release schedule.",
    ),
    "set-again": ("The studio has set {film}, the new drama by {by}, for release in theaters on {new}.",),
    "joined": ("{person} has joined the cast of {film}, the new drama by {by}.",),
    "talks": ("{person} is in talks to star in {film}, the new drama by {by}.",),
    "left": ("{person} has exited {film}, the new drama by {by}.",),
}
#: Told again later: by the date that the film has then, and the one that it had before.
LATER = (
    "{film}, the new drama by {by}, opens in theaters on {new}.",
    "A new trailer for {film} by {by} arrived on Tuesday. The film hits theaters {new}.",
    "The drama {film} by {by} is in theaters on {new}, and our readers ask for it.",
)
LATER_MOVED = (
    "{by} spoke about {film}, which was delayed from {old} to {new} earlier on.",
    "{film} by {by} was pushed back from its original date of {old}. It is due in theaters on {new}.",
)
#: Pages that nobody looked after.
STALE = (
    "Everything we know about {film}: the film by {by} is set to open on {old}.",
    "Coming soon: {film} by {by}, in theaters {old}.",
    "{film} by {by} was originally slated for {old}.",
)
#: About the film, and no news.
CHATTER = (
    "{by} talks about {film} and about the long days on its set.",
    "A first trailer for {film} by {by} shows a roof, the rain and a birdcage.",
    "The score of {film} by {by} was recorded in a hall without any heating.",
)
#: Another work that bears the name, which the configuration excludes by what it is called.
NAMESAKE = (
    "{film}, the puppet opera, moves to {other} after a long run.",
    "The puppet opera {film} opens in theaters on {other}.",
)
EXCLUDED = "puppet opera"

#: Film news about films, people and dates that nobody waits for.
OTHERS = (
    "{who} has joined the cast of “The {film}”, the comedy that {who} directs.",
    "“The {film}” opens in theaters on {day}, a week after “The {film}” and in the same houses.",
    "The studio has moved “The {film}” from {day} to {day}, people close to the picture say.",
    "“Nobody told us that the boat would sink twice,” {who} said of the days on the set of “The {film}”.",
    "“The {film}” took in enough over the weekend to hold on to the second place.",
    "{who} is in talks for a part in “The {film}”, although no offer was made before the summer.",
    "Critics were kind to “The {film}”; the audience, which had waited since {day}, was not.",
    "The season of “The {film}” streams from {day}, all parts at once.",
    "Asked about “The {film}”, {who} laughed, looked at the door and spoke of the weather.",
)
OTHER_KINDS = ("Cedar", "Amber", "Tidal", "Ninth", "Woollen", "Borrowed", "Hollow", "Velvet")
OTHER_THINGS = ("Ledger", "Almanac", "Kiln", "Cartographer", "Beehive", "Sextant", "Overcoat", "Umbrella", "Jetty", "Parapet")
OTHER_PEOPLE = (
    "Sunniva Park",
    "Otto Brandis",
    "Lale Demirok",
    "Rufus Whitlock",
    "Ines Carvalhal",
    "Yorick Pell",
    "Mina Tsukada",
)


def in_words(day: date) -> str:
    """A day as the news writes it, and as alerts do."""
    return f"{day:%B} {day.day}, {day.year}"


def filler(name: str, sentences: int) -> str:
    """Some such sentences: always the same for a name."""
    chance = random.Random(name)
    told = " ".join(chance.choice(OTHERS) for _ in range(sentences))
    for mark, make in (
        ("{who}", lambda: chance.choice(OTHER_PEOPLE)),
        ("{film}", lambda: f"{chance.choice(OTHER_KINDS)} {chance.choice(OTHER_THINGS)}"),
        ("{day}", lambda: in_words(date(2026, 1, 1) + timedelta(days=chance.randint(0, 900)))),
    ):
        while mark in told:
            told = told.replace(mark, make(), 1)
    return told


def hash_of(text: str) -> int:
    """A number that is the same in every process."""
    return random.Random(text).getrandbits(40)
