"""What ships with `watcher`: outlets, feeds and the built-in title."""

from __future__ import annotations

import re
from collections import defaultdict
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.catalogue import Catalogue, builtin, host_of, slug, title_from
from watcher.catalogue.build import tag_slug
from watcher.config.countries import COUNTRIES
from watcher.edtf import Edtf
from watcher.model import Outlet, ReleaseType, Status, Trust


def test_there_are_enough_of_them() -> None:
    """Whoever starts without a configuration has the outlets, the feeds and the title that the design promises."""
    assert len(builtin().outlets) >= 60
    assert len(builtin().feeds) >= 20
    assert [title.id for title in builtin().titles] == ["ballerina"]
    assert {outlet.trust for outlet in builtin().outlets} == set(Trust)


def test_is_read_once() -> None:
    """The files are parsed a single time, however often the catalogue is asked for."""
    assert builtin() is builtin()


def test_names_and_hosts_mean_one_outlet() -> None:
    """No name, alias or host stands for two outlets, so that a credit or a link has one owner."""
    voices: dict[str, set[str]] = defaultdict(set)
    for outlet in builtin().outlets:
        for name in (outlet.name, *outlet.aliases, *outlet.hosts):
            voices[name.casefold().removeprefix("the ")].add(outlet.name)
    assert {name: sorted(outlets) for name, outlets in voices.items() if len(outlets) > 1} == {}


def test_owners_are_spelled_one_way() -> None:
    """An owner with two spellings would count as two independent voices."""
    spellings: dict[str, set[str]] = defaultdict(set)
    for outlet in builtin().outlets:
        spellings[re.sub(r"\W", "", outlet.owner.casefold().removeprefix("the "))].add(outlet.owner)
    assert [owners for owners in spellings.values() if len(owners) > 1] == []


def test_countries_and_hosts_are_well_formed() -> None:
    """Every country is a code of ISO 3166-1 and every host a bare domain in lower case."""
    assert {outlet.country for outlet in builtin().outlets} - {None} <= COUNTRIES
    hosts = [host for outlet in builtin().outlets for host in outlet.hosts]
    assert [host for host in hosts if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", host)] == []


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Deadline", "Deadline"),
        ("THR", "The Hollywood Reporter"),
        ("the hollywood  reporter", "The Hollywood Reporter"),
        ("Hollywood Reporter", "The Hollywood Reporter"),
        ("SlashFilm", "/Film"),
        ("Screen Rant RSS", "Screen Rant"),
        ("NewsBreak (a copy)", "NewsBreak"),
        ("thewrap.com", "TheWrap"),
        ("ca.movies.yahoo.com", "Yahoo"),
    ],
)
def test_outlet_is_found_by_what_people_call_it(said: str, name: str) -> None:
    """A name, an alias, a host or a feed's title finds the outlet, in any capitals."""
    assert builtin().outlet(said).name == name


def test_unknown_outlet_owns_itself() -> None:
    """An outlet that nobody knows is an independent voice of the press."""
    assert builtin().outlet("Lisbon Film Letter") == Outlet(
        name="Lisbon Film Letter", owner="Lisbon Film Letter", trust=Trust.PRESS
    )
    assert builtin().find("Lisbon Film Letter") is None


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://deadline.com/2031/01/a-film/", "Deadline"),
        ("https://AU.Variety.com:443/x", "Variety"),
        ("https://news.google.com/x", "Google News"),
        ("https://www.google.com/x", None),
        ("https://notdeadline.com/x", None),
        ("https://deadline.com.example.org/x", None),
        ("https://example.org/?u=https://deadline.com/", None),
        ("https://deadline.com@example.org/", None),
        ("http://[deadline.com", None),
        ("no address", None),
    ],
)
def test_outlet_of_a_url_goes_by_its_host(url: str, name: str | None) -> None:
    """A link belongs to the outlet of its host or parent domain, and nothing else in a URL can pretend to it."""
    found = builtin().outlet_of(url)
    assert (found.name if found else None) == name


@given(st.text())
def test_any_text_can_be_asked_for(text: str) -> None:
    """No name and no URL, however broken, makes the catalogue fail."""
    named = builtin().outlet(text)
    assert named in builtin().outlets or (named.name, named.owner, named.trust) == (text, text, Trust.PRESS)
    for url in (text, f"https://{text}/", f"https://{text}.deadline.com/"):
        found = builtin().outlet_of(url)
        assert found is None or found in builtin().outlets


def test_overrides_take_an_outlets_place() -> None:
    """A changed outlet is found by its name, aliases and hosts; the catalogue that it came from keeps its own."""
    before = Catalogue(outlets=(Outlet(name="Gazette", owner="Gazette", aliases=("Gaz",), hosts=("gazette.example",)),))
    after = before.with_outlets(
        Outlet(name="GAZETTE", owner="Gazette", trust=Trust.TRADE, aliases=("Gaz",), hosts=("gazette.example",)),
        Outlet(name="New", owner="New"),
    )
    assert [after.outlet(name).trust for name in ("gazette", "gaz")] == [Trust.TRADE, Trust.TRADE]
    found = after.outlet_of("https://www.gazette.example/")
    assert found is not None
    assert found.trust is Trust.TRADE
    assert [outlet.name for outlet in after.outlets] == ["GAZETTE", "New"]
    assert before.outlet("gazette").trust is Trust.PRESS


def test_feeds_belong_to_known_outlets() -> None:
    """Every built-in feed has an address of its own on the web and an outlet of the catalogue, by name and by host."""
    feeds = builtin().feeds
    assert len({feed.url for feed in feeds}) == len(feeds)
    for feed in feeds:
        assert builtin().outlet(feed.outlet) in builtin().outlets, feed
        assert urlsplit(feed.url).scheme == "https", feed
        assert host_of(feed.url) == "feeds.feedburner.com" or builtin().outlet_of(feed.url) == builtin().outlet(feed.outlet), feed
        assert feed.every is None or 1800 <= feed.every <= 86400, feed


def test_known_history_is_sourced() -> None:
    """Each known value says one thing, from an outlet of the catalogue where there is one, and no link is another outlet's."""
    for entry in builtin().titles[0].known:
        assert (entry.release is None) != (entry.person is None), entry
        assert entry.url is None or entry.outlet is not None, entry
        if entry.outlet:
            assert builtin().find(entry.outlet), entry
        host = builtin().outlet_of(entry.url or "")
        assert host is None or host.name == entry.outlet or host.trust is Trust.AGGREGATOR, entry


def test_known_history_stands_in_order() -> None:
    """The values of one fact stand in the order in which they were reported, so that the last one holds."""
    days = defaultdict(list)
    for entry in builtin().titles[0].known:
        days[entry.person or (entry.region, entry.type)].append(entry.on)
    assert [key for key, told in days.items() if told != sorted(told)] == []


def test_known_history_tells_the_move() -> None:
    """The built-in title knows its US date's whole way: a window, a day, and the move a year later."""
    cinemas = [
        str(entry.release)
        for entry in builtin().titles[0].known
        if entry.release and entry.region == "US" and entry.type is ReleaseType.THEATRICAL
    ]
    assert list(dict.fromkeys(cinemas)) == ["2024", "2024-06-07", "2025-06-06"]


def test_title_is_made_from_a_table() -> None:
    """A table as users write it becomes a title, with defaults for all that it leaves out."""
    title = title_from(
        {"name": "Winter Lark", "known": [{"on": "2030-01-02", "release": "2031-22"}, {"on": "2030-01-02", "person": "Ann"}]}
    )
    assert (title.id, title.origin, title.builtin) == ("winter-lark", "US", False)
    assert [entry.release for entry in title.known] == [Edtf("2031-22"), None]
    assert title.known[1].status is Status.JOINS


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Dune: Part Three", "dune-part-three"),
        ("Amélie’s 2nd Life!", "amelies-2nd-life"),
        ("  WALL·E ", "wall-e"),
        ("Łódź, Straße & Søren", "lodz-strasse-soren"),
        ("1917", "1917"),
    ],
)
def test_slug_is_readable(name: str, expected: str) -> None:
    """An id is the name as one would write it in an address."""
    assert slug(name) == expected


@given(st.text())
def test_slug_is_never_empty(name: str) -> None:
    """Any name at all has an id of lower-case ASCII words and hyphens, which is its own id."""
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug(name), re.ASCII)
    assert slug(slug(name)) == slug(name)


def test_slug_keeps_other_scripts_apart() -> None:
    """Two names that ASCII cannot tell do not become one title."""
    assert len({slug(name) for name in ("東京 2020", "大阪 2020", "バレリーナ", "ハレリーナ", "2020")}) == 5


def test_tags_are_asked_of_the_outlets_that_are_read() -> None:
    """Each pattern of a tag's feed lies with its own outlet; only outlets that are read are asked, each name once."""
    known = builtin()
    assert len(known.tags) >= 5
    for tag in known.tags:
        found = known.outlet_of(tag.url)
        assert found is not None
        assert (found.name, tag.url.startswith("https://"), tag.url.count("{slug}")) == (tag.outlet, True, 1)
    asked = known.tag_feeds(["Harbor Lights", "harbor lights!", "The Lights"], {known.tags[0].outlet})
    slugs = ("harbor-lights", "the-lights")
    assert [feed.url for feed in asked] == [known.tags[0].url.replace("{slug}", slug) for slug in slugs]
    assert known.tag_feeds(["Harbor Lights"], set()) == ()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Harbor Lights: Part Two", "harbor-lights-part-two"),
        ("Amélie’s 2nd – a Life", "amelies-2nd-a-life"),
        ("3:10 to Harbor", "310-to-harbor"),
        ("S.H.I.P. & Crew/Mates", "s-h-i-p-crew-mates"),
        ("灯台", None),
        ("?!", None),
    ],
)
def test_tag_is_written_as_wordpress_does(name: str, expected: str | None) -> None:
    """A name is a tag as WordPress writes it; one that has no plain letters has none that could be guessed."""
    assert tag_slug(name) == expected
