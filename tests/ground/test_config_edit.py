"""Editing a configuration: what stood there stands there still, byte for byte, and the new file says what was meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.config import edit_feeds
from watcher.config.edit import Wanted, added, block, extended
from watcher.config.edit_feeds import NewFeed
from watcher.config.load import parse_config
from watcher.config.pieces import HEADER, NoPlaceError
from watcher.edtf import Edtf
from watcher.model import Known, Status, Title

DATE = Known(on=date(2026, 1, 5), release=Edtf("2027-05"), region="GB", outlet="Morning Reel", url="https://example.org/a")
PERSON = Known(on=date(2026, 1, 6), person="Orla Finch", status=Status.IN_TALKS)
WANTED = Wanted(
    name="Harbor Lights", aliases=("The Harbor",), context=("Mara Quill",), exclusions=("harbor seal",), known=(DATE, PERSON)
)
FILE = """# My watcher, do not touch!
[watcher]   # general
timezone = "Europe/London"

[[title]] # first
name = "Harbor Lights"   # the film
aliases = [
    "HL",   # short
    # what the fans say
    "Lights"  # no comma
]
context = [ "Orla Finch" , 'Tomas Beld',]
known = [{ release = "2026", on = 2025-01-01 }]   # from a friend
not=[ ]

# ---- where to read

[[feed]]
url = "https://example.org/feed"

[[title]]
name = "Paper Moth"
[[title.known]]
release = "2026"
on = 2025-01-01

# who is in it
[[title.known]]
person = "Ada Quill"
on = 2025-01-01 # a Wednesday
# the end"""


def titles(text: str) -> dict[str, Title]:
    """The titles of a configuration, by name."""
    config = parse_config(text, path="config.toml", environ={}, read_secret=str)
    return {title.name: title for title in config.titles if not title.builtin}


def is_kept(old: str, new: str) -> bool:
    """Whether every character of a text stands in another in its order."""
    rest = iter(new)
    return all(char in rest for char in old)


def test_new_title_comes_after_everything() -> None:
    """A title is added behind the file as it was, and means what was wanted."""
    new = added(FILE, replace(WANTED, name="Nocturne", origin="FR"))
    assert new.startswith(FILE + "\n\n[[title]]\n")
    title = titles(new)["Nocturne"]
    assert (title.aliases, title.context, title.exclusions, title.origin) == (
        ("The Harbor",),
        ("Mara Quill",),
        ("harbor seal",),
        "FR",
    )
    assert title.known == (DATE, PERSON)
    assert titles(FILE).items() <= titles(new).items()


def test_empty_file_says_what_it_is() -> None:
    """A file that is made begins with a line for people, and holds what was said and nothing else."""
    assert added("", Wanted(name="Nocturne")) == f'{HEADER}\n[[title]]\nname = "Nocturne"\n'


def test_lists_grow_in_their_own_hand() -> None:
    """Each list gets its new entries in the way it is written: in lines of their own, beside the others, or where none were."""
    new = extended(FILE, WANTED)
    assert '    "HL",   # short\n    # what the fans say\n    "Lights",  # no comma\n    "The Harbor",\n]' in new
    assert 'context = [ "Orla Finch" , \'Tomas Beld\', "Mara Quill",]' in new
    assert 'not=[ "harbor seal"]' in new
    assert 'known = [{ release = "2026", on = 2025-01-01 }, { release = "2027-05", region = "GB",' in new
    assert is_kept(FILE, new)
    title = titles(new)["Harbor Lights"]
    assert title.aliases == ("HL", "Lights", "The Harbor")
    assert title.known[1:] == (DATE, PERSON)


def test_missing_lists_come_below_the_name() -> None:
    """A list that the title has not got stands below its name, and known values under headers are joined by others."""
    new = extended(FILE, replace(WANTED, name="Paper Moth"))
    assert (
        'name = "Paper Moth"\naliases = ["The Harbor"]\ncontext = ["Mara Quill"]\nnot = ["harbor seal"]\n[[title.known]]' in new
    )
    assert 'on = 2025-01-01 # a Wednesday\n\n[[title.known]]\nrelease = "2027-05"\nregion = "GB"' in new
    assert new.endswith("\n# the end")
    assert is_kept(FILE, new)
    assert titles(new)["Paper Moth"].known[2:] == (DATE, PERSON)
    assert titles(new)["Harbor Lights"] == titles(FILE)["Harbor Lights"]


def test_only_an_origin_is_replaced() -> None:
    """Another origin takes the place of the old one's characters; where there was none it gets a line."""
    once = extended(FILE, Wanted(name="Harbor Lights", origin="GB"))
    assert 'name = "Harbor Lights"   # the film\norigin = "GB"\naliases' in once
    assert extended(once, Wanted(name="Harbor Lights", origin="FR")) == once.replace('"GB"', '"FR"')


def test_line_breaks_and_mark_of_windows_stay() -> None:
    """A file with CRLF and a byte order mark keeps both, in the new lines too."""
    old = "\ufeff" + FILE.replace("\n", "\r\n")
    for new in (added(old, replace(WANTED, name="Nocturne")), extended(old, WANTED)):
        assert new.startswith("\ufeff# My watcher")
        assert new.count("\n") == new.count("\r\n") > old.count("\n")
        assert is_kept(old, new)
        assert len(titles(new)) >= 2


def test_long_lists_have_a_line_for_each_entry() -> None:
    """A list that would make a line that nobody reads is written in lines; it means the same."""
    people = tuple(f"Person Number {number}" for number in range(12))
    text = block(Wanted(name="Nocturne", context=people))
    assert max(map(len, text.splitlines())) < 40
    assert titles(text)["Nocturne"].context == people


def test_file_without_room_is_refused() -> None:
    """A file that lists its titles within brackets takes no [[title]], and a title that is written so takes no new list."""
    inline = 'title = [{ name = "Harbor Lights" }]\n'
    with pytest.raises(NoPlaceError):
        added(inline, Wanted(name="Nocturne"))
    with pytest.raises(NoPlaceError):
        extended(inline, WANTED)
    with pytest.raises(NoPlaceError):
        extended(FILE, Wanted(name="Nobody", aliases=("Nothing",)))


def test_what_is_there_is_not_wanted_again() -> None:
    """Names in other capitals, and a date that is known from another day, are no news to a title."""
    title = titles(FILE)["Harbor Lights"]
    again = Wanted(
        name="harbor lights",
        aliases=("hl", "Harbor Lights"),
        context=("ORLA FINCH",),
        origin="US",
        known=(Known(on=date(2026, 2, 2), release=Edtf("2026")),),
    )
    assert again.beyond(title).is_empty
    more = replace(again, aliases=("hl", "New", "new")).beyond(title)
    assert (more.name, more.aliases) == ("Harbor Lights", ("New",))
    assert again.joined(title).known == title.known


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=12).filter(
    lambda word: word.strip()
)
lists = st.lists(words.map(str.strip), max_size=3, unique_by=str.casefold).map(tuple)
chunks = st.sampled_from(
    [
        "# a comment with ] and \" and '''\n",
        "\n",
        "[policy]\nconfirm_origins = 3 # many\n",
        "[fetch]\n   every = '1h'\n",
        '[[feed]]\nurl = "https://example.org/[1]"\n',
        '[[title]]\nname = "Nocturne"\nnot = ["#", "]", """x\n y"""]\n',
        "[watcher]\nregions = [\n'GB', # mine\n'US'\n]\n",
    ]
)


@given(st.lists(chunks, unique=True), st.integers(0, 7), words, st.tuples(lists, lists), st.booleans())
def test_everything_old_stands_in_the_new(
    around: list[str], place: int, name: str, more: tuple[tuple[str, ...], tuple[str, ...]], breaks: bool
) -> None:
    """Whatever surrounds a title, adding another and extending this one keep every character and mean what was wanted."""
    own = '[[title]]\nname = "Own"\ncontext = [\n\t"A",\n\t# b\n] # c\n'
    old = "".join([*around[:place], own, *around[place:]])
    old = old.replace('"""x\n y"""', '"x"')
    old = old.replace("\n", "\r\n") if breaks else old
    aliases, context = more
    new = added(old, Wanted(name=name.strip(), aliases=aliases, context=context))
    assert new.startswith(old)
    longer = extended(old, Wanted(name="Own", aliases=aliases, context=context))
    assert is_kept(old, longer)
    assert titles(longer)["Own"].aliases == aliases
    assert titles(longer)["Own"].context == ("A", *context)


# ---- feeds

FEED = NewFeed(url="https://reel.example.org/feed", outlet="Morning Reel", trust="trade", every="2h")
FEEDS = """# mine
[fetch] # manners
every = "1h"   # enough
not = ["https://a.example.org/", 'https://b.example.org/']

# the best
[[feed]]   # one
url = "https://one.example.org/feed"
# not sure of that
outlet = "One"   # of one

[[feed]]
url = "https://two.example.org/feed"

# the last
[[feed]]
url = "https://three.example.org/feed"
"""


def feeds(text: str) -> list[str]:
    """The addresses of the feeds that a configuration adds."""
    config = parse_config(text, path="config.toml", environ={}, read_secret=str)
    return [feed.url for feed in config.feeds if "example.org/" in feed.url]


def never(text: str) -> tuple[str, ...]:
    """The addresses that a configuration never asks."""
    return parse_config(text, path="config.toml", environ={}, read_secret=str).refused


def test_new_feeds_come_after_everything() -> None:
    """Feeds are added behind the file as it was, with what was said of them and nothing else."""
    new = edit_feeds.feeds_added(FEEDS, [FEED, NewFeed(url="https://plain.example.org/")])
    assert new == (
        FEEDS + '\n[[feed]]\nurl = "https://reel.example.org/feed"\noutlet = "Morning Reel"\ntrust = "trade"\nevery = "2h"\n'
        '\n[[feed]]\nurl = "https://plain.example.org/"\n'
    )
    assert feeds(new) == [*feeds(FEEDS), FEED.url, "https://plain.example.org/"]


def test_feeds_within_brackets_grow_and_shrink_there() -> None:
    """A file that lists its feeds within brackets gets new ones there, and loses them there, down to none."""
    old = 'feed = [\n  { url = "https://one.example.org/" },  # mine\n]\n'
    new = edit_feeds.feeds_added(old, [FEED])
    assert new.startswith(
        'feed = [\n  { url = "https://one.example.org/" },  # mine\n  { url = "https://reel.example.org/feed", '
    )
    assert edit_feeds.feed_removed(new, 1) == old
    assert edit_feeds.feed_removed(old, 0) == "feed = [\n]\n"


def test_a_removed_feed_takes_its_own_lines_along() -> None:
    """The lines from its header to its last value go, with the comments between; what stands around them stays."""
    first = edit_feeds.feed_removed(FEEDS, 0)
    one = '[[feed]]   # one\nurl = "https://one.example.org/feed"\n# not sure of that\noutlet = "One"   # of one\n'
    assert first == FEEDS.replace(one, "")
    assert edit_feeds.feed_removed(FEEDS, 1) == FEEDS.replace('\n[[feed]]\nurl = "https://two.example.org/feed"\n', "")
    last = edit_feeds.feed_removed(FEEDS, 2)
    assert last.endswith('two.example.org/feed"\n\n# the last\n')
    assert feeds(last) == feeds(FEEDS)[:2]


def test_a_feed_that_was_added_leaves_no_trace() -> None:
    """Adding a feed and taking it out again gives the file as it was."""
    for old in (FEEDS, FEEDS.replace("\n", "\r\n"), "\ufeff" + FEEDS):
        number = 3
        assert edit_feeds.feed_removed(edit_feeds.feeds_added(old, [FEED]), number) == old


def test_a_refused_address_goes_where_the_others_are() -> None:
    """An address that is never asked joins the list, which is made where there is none, and leaves it again."""
    url = "https://c.example.org/"
    for old in (
        FEEDS,
        FEEDS.replace("not = ", "#"),
        '[fetch] # empty\n\n[[feed]]\nurl = "https://one.example.org/"',
        "",
        '[fetch]\nnot = [\n    "https://a.example.org/",   # why\n    "https://b.example.org/"  # too\n]\n',
    ):
        new = edit_feeds.refused(old, [url])
        assert is_kept(old, new)
        assert never(new) == (*never(old), url)
        assert feeds(new) == feeds(old)
        back = edit_feeds.allowed(new, url)
        assert never(back) == never(old)


def test_any_address_may_be_allowed_again() -> None:
    """The first, the middle and the last of a list can be taken out, in one line or several; other comments stay."""
    urls = [f"https://{letter}.example.org/" for letter in "abc"]
    inline = "[fetch]\nnot = [" + ", ".join(f'"{url}"' for url in urls) + "]\n"
    lines = "[fetch]\nnot = [\n" + "".join(f'  "{url}", # {number}\n' for number, url in enumerate(urls)) + "]\n"
    for text in (inline, lines):
        for number, url in enumerate(urls):
            new = edit_feeds.allowed(text, url)
            assert never(new) == tuple(other for other in urls if other != url)
            assert f"# {number}" not in new
            assert new.count("#") == max(text.count("#") - 1, 0)
    assert never(edit_feeds.allowed(inline.replace(urls[1], urls[0]), urls[0])) == (urls[2],)
    assert edit_feeds.allowed(inline, urls[2]) == inline.replace(f', "{urls[2]}"', "")


def test_settings_without_room_for_feeds_are_refused() -> None:
    """A [fetch] that is written within braces takes no list; the caller hears of it instead of getting another file."""
    for text in ('fetch = { every = "1h" }\n', 'fetch.every = "1h"\n'):
        with pytest.raises(NoPlaceError):
            edit_feeds.refused(text, ["https://a.example.org/"])


@given(st.lists(chunks, unique=True), st.integers(0, 7), words, st.booleans())
def test_feeds_come_and_go_between_anything(around: list[str], place: int, name: str, breaks: bool) -> None:
    """Whatever surrounds a feed, adding one and taking one out touch nothing else, and mean what was wanted."""
    own = '[[feed]] # a\nurl = "https://own.example.org/"\n# b\nevery = """1h""" # c\n'
    old = "".join([*around[:place], own, *around[place:]]).replace('"""x\n y"""', '"x"')
    old = old.replace("\n", "\r\n") if breaks else old
    before = feeds(old)
    new = edit_feeds.feeds_added(old, [replace(FEED, outlet=name.strip())])
    assert new.startswith(old)
    assert feeds(new) == [*before, FEED.url]
    less = edit_feeds.feed_removed(old, before.index("https://own.example.org/"))
    assert is_kept(less, old)
    assert feeds(less) == [url for url in before if url != "https://own.example.org/"]
    assert len(old) - len(less) <= len(own) + 6
    more = edit_feeds.refused(old, ["https://never.example.org/"])
    assert is_kept(old, more)
    assert never(more) == ("https://never.example.org/",)
