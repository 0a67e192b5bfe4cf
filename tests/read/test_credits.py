"""Credit claims: who joins, talks, leaves, or is only named again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from readings import cast, claims, credits_of, item

from watcher.model import CreditClaim, Modality, Status

T = "The Glass Meridian"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (f"Ann Lee joins {T}.", "joins"),
        (f"Ann Lee boards {T}.", "joins"),
        (f"Oscar winner Ann Lee has joined the cast of {T}.", "joins"),
        (f"Ann Lee is set to star in {T}.", "joins"),
        (f"Ann Lee has been cast in {T}.", "joins"),
        (f"{T} adds Ann Lee.", "joins"),
        (f"Harrow Pictures has tapped Ann Lee to star in {T}.", "joins"),
        (f"Ann Lee rounds out the cast of {T}.", "joins"),
        (f"Ann Lee has closed a deal to star in {T}.", "joins"),
        (f"{T} has more names. Ann Lee will voice Kiros, the lord of the lions.", "joins"),
        (f"Ann Lee lands a leading role in {T}.", "joins"),
        (f"{T} is told by a river. Ann Lee voices the river.", "listed"),
        (f"Ann Lee is in talks to star in {T}.", "in_talks"),
        (f"Ann Lee has entered negotiations for {T}.", "in_talks"),
        (f"Ann Lee is circling {T}.", "rumoured"),
        (f"Ann Lee is being eyed for {T}.", "rumoured"),
        (f"The studio is eyeing Ann Lee to lead {T}.", "rumoured"),
        (f"Ann Lee could return in {T}.", "rumoured"),
        (f"It is unclear if Ann Lee will appear in {T}.", "rumoured"),
        (f"Ann Lee has exited {T}.", "exits"),
        (f"Ann Lee has dropped out of {T}.", "exits"),
        (f"Ann Lee leaves {T}.", "exits"),
        (f"Ann Lee will not return for {T}.", "exits"),
        (f"Ann Lee denies that she is joining {T}.", "denied"),
        (f"Ann Lee, who stars in {T}, has died at 71.", "died"),
        (f"{T} stars Ann Lee.", "listed"),
        (f"{T}, starring Ann Lee, is shooting.", "listed"),
        (f"Here comes Ann Lee, who's set to star in {T}.", "listed"),
        (f"Ann Lee was hired for {T} in October 2019.", "listed"),
        (f"Ann Lee had joined {T}.", "listed"),
    ],
)
def test_the_verb_gives_the_status(text: str, status: str) -> None:
    """Each way to come, to talk, to leave or to be told again gives its own status."""
    assert cast(text) == {"Ann Lee": status}


@pytest.mark.parametrize(
    "text",
    [
        f"Ann Lee is set to star in Paper Tigers. {T} is still shooting.",
        f"{T} director Marta Quill has cast Ann Lee in Paper Tigers.",
        f"Will Ann Lee return for {T}?",
        f"Low Tide with Ann Lee is set for September 13, a week before {T}.",
        f"{T} still must find another Ann Lee.",
        f"{T} opens soon, Ann Lee said.",
        f"The casting director of {T} met Ann Lee.",
        f"Ann Lee died in 1999, long before {T}.",
        f"Ann Lee leaves Paper Tigers for a rest, and {T} is done.",
        f"{T} swaps dates with Paper Tigers.",
    ],
)
def test_what_is_said_of_others_is_no_credit(text: str) -> None:
    """Another film's cast, questions, old deaths and mere neighbours in a sentence make no claim of a change."""
    assert {p: s for p, s in cast(text).items() if s != "listed"} == {}


def test_several_people_share_one_verb() -> None:
    """A list of names is a list of people, with particles, initials and accents as written."""
    text = f"Ann Lee, Carla de la Cruz, Michael B. Stone and Zoë d'Arbois have joined “{T},” Deadline reports."
    found = credits_of(text)
    assert [c.person for c in found] == ["Ann Lee", "Carla de la Cruz", "Michael B. Stone", "Zoë d'Arbois"]
    assert {c.credits for c in found} == {"Deadline"}


def test_one_leaves_and_another_comes() -> None:
    """A replacement is two claims: one exit, one joining."""
    assert cast(f"Bo Larsen replaces Ann Lee in {T}.") == {"Ann Lee": "exits", "Bo Larsen": "joins"}
    assert cast(f"Ann Lee has been replaced by Bo Larsen in {T}.") == {"Ann Lee": "exits", "Bo Larsen": "joins"}


def test_partners_are_only_listed() -> None:
    """Who stands opposite or alongside a newcomer is told again, not new."""
    text = f"Ann Lee has been cast in {T} opposite Bo Larsen. She joins already cast Carla Voss and Dan Roe."
    assert cast(text) == {"Ann Lee": "joins", "Bo Larsen": "listed", "Carla Voss": "listed", "Dan Roe": "listed"}


def test_partners_in_another_film_are_nobody() -> None:
    """Who stands opposite somebody in another film is not even listed for ours."""
    assert cast(f"Ann Lee joins {T}. Lee will also star in The Tin Parade opposite Bo Larsen.") == {"Ann Lee": "joins"}


def test_a_surname_is_the_person_named_in_full() -> None:
    """A surname means the last person of that name in the text, else one of the title's context."""
    assert cast(f"Ann Lee likes boats. Lee joins {T}.") == {"Ann Lee": "joins"}
    assert cast(f"Quill will direct {T}.") == {"Marta Quill": "joins"}
    assert cast(f"Lee joins {T}.") == {}


def test_roles_and_jobs_are_kept() -> None:
    """A part and a job behind the camera go with the claim."""
    (actor,) = credits_of(f"Ann Lee will reprise her role as Captain Orrin in {T}.")
    assert (actor.role, actor.job) == ("Captain Orrin", "actor")
    jobs = {c.person: (c.job, c.status) for c in credits_of(f"Marta Quill will direct {T} from a script by Dan Roe.")}
    assert jobs == {"Marta Quill": ("director", Status.JOINS), "Dan Roe": ("writer", Status.LISTED)}


def test_ages_part_nobody_from_the_list() -> None:
    """People whose ages stand behind their names are told all together."""
    assert cast(f"Ann Lee, 34, and Bo Larsen, 27, will star in {T}.") == {"Ann Lee": "joins", "Bo Larsen": "joins"}
    assert cast(f"Bo Larsen, 27, who was in Paper Tigers with Dan Roe, has joined {T}.") == {"Bo Larsen": "joins"}


def test_a_role_is_whole_and_its_own_persons() -> None:
    """A part is told to its end, however far behind the verb it stands, and never of whom the list names before."""
    listed = f"Nel cast di {T} ci sono Ann Lee nel ruolo del giudice e Bo Larsen nei panni di Captain Orrin."
    said = [c for c in claims(replace(item(listed), language="it")) if isinstance(c, CreditClaim)]
    assert {(c.person, c.role) for c in said} == {("Ann Lee", None), ("Bo Larsen", "Captain Orrin")}
    (lee,) = credits_of(f"Ann Lee has been cast in {T}, where in the end she will be seen as Captain Orrin Vandermeer.")
    assert lee.role == "Captain Orrin Vandermeer"


def test_a_hedge_on_talks_adds_no_doubt() -> None:
    """Talks are reported even if "reportedly", for the status holds the doubt; a joining by hearsay is rumoured."""
    (talks,) = credits_of(f"Ann Lee is reportedly in talks to star in {T}.")
    assert (talks.status, talks.modality) == (Status.IN_TALKS, Modality.REPORTED)
    (joins,) = credits_of(f"Ann Lee has reportedly joined {T}.")
    assert (joins.status, joins.modality) == (Status.JOINS, Modality.RUMOURED)


def test_talks_in_the_body_outweigh_the_headline() -> None:
    """A headline that oversells ("joins") gives way to the body ("in talks")."""
    assert cast(f"Ann Lee is in talks for {T}.", title=f"Ann Lee Joins {T}") == {"Ann Lee": "in_talks"}


def test_a_part_is_news_only_where_a_new_cast_is_told() -> None:
    """Who "is Clara" joins under a headline that tells a new cast, and else only known."""
    body = f"In {T}, Ann Lee is Clara Orrin and Bo Larsen is Tom Orrin."
    assert set(cast(body, title=f"{T} names its family").values()) == {"joins"}
    assert set(cast(body, title=f"{T}: everything we know").values()) == {"listed"}


def told(text: str, *, title: str = "", on: str | None = "2026-05-04") -> dict[str, str]:
    """The status of each person of a text who is not only told again."""
    return {person: status for person, status in cast(text, title=title, on=on).items() if status != "listed"}


@pytest.mark.parametrize(
    ("text", "people"),
    [
        (f"It would make sense for Ann Lee and Bo Larsen to return in {T}, though nothing is signed.", 2),
        (f"{T} is shooting in Riga. Ann Lee has yet to confirm her involvement.", 1),
        (f"Producers of {T} hope that Ann Lee and Bo Larsen will make cameos.", 2),
        (f"A grid for {T} says the studio is eyeing Ann Lee to play Captain Orrin.", 1),
        (f"It is not known whether Ann Lee or Bo Larsen will return for {T}.", 2),
        (f"The leaked cast list of {T} names Ann Lee, whose Captain Orrin was no more than a rumor until now.", 1),
        (f"Ann Lee and Bo Larsen are among the names being considered for {T}.", 2),
        (f"Names on Quill's wish list for {T} include Ann Lee and Bo Larsen.", 2),
        (f"Ann Lee tops the shortlist to direct {T}.", 1),
        (f"Insiders claim that Ann Lee is the studio's first choice for {T}.", 1),
        (f"Ann Lee is being lined up to play the villain in {T}, a scooper claims.", 1),
        (f"The Admiral (Ann Lee) and Captain Orrin (Bo Larsen) are listed as cameo roles in {T}.", 2),
        (f"Also rumored for {T} are Ann Lee and Bo Larsen.", 2),
        (f"Presumably Ann Lee is back in {T}.", 1),
        (f"The studio has its eye on Ann Lee for {T}.", 1),
        (f"The studio is courting Ann Lee and Bo Larsen for {T}.", 2),
        (f"Ann Lee addressed rumors that she will play Joan in {T}.", 1),
        (f"Ann Lee has met with Quill about a role in {T}.", 1),
        (f"Ann Lee teased a possible return in {T}.", 1),
    ],
)
def test_who_only_may_come_is_rumoured(text: str, people: int) -> None:
    """Wishes, lists, eyes and open questions make rumours of all whom they name, and of nobody a joining."""
    assert cast(text) == dict(list({"Ann Lee": "rumoured", "Bo Larsen": "rumoured"}.items())[:people])


@pytest.mark.parametrize(
    "text",
    [
        f"Ann Lee has been filming her scenes for {T} in Riga.",
        f"Ann Lee has just wrapped her part in {T}.",
        f"Ann Lee was spotted on the set of {T}.",
        f"Ann Lee will have an extended cameo in {T}, the producer says.",
        f"Ann Lee has a small role in {T}.",
        f"Ann Lee has landed the title role in {T}.",
        f"Ann Lee's casting in {T} was announced on Friday.",
        f"Ann Lee's Captain Orrin will return in {T}.",
        f"Ann Lee has been brought on for a new draft of {T}.",
        f"Also joining the cast of {T} is Ann Lee.",
        f"New additions to {T} include Ann Lee.",
        f"{T} has found its villain in Ann Lee.",
        f"{T} has a new director: Ann Lee.",
        f"Quill names as her river king: nephew Ann Lee. {T} shoots in May.",
        f"Ann Lee has officially been added to the call sheet of {T}.",
        f"Ann Lee is set as a lead opposite Bo Larsen in Harrow Pictures' {T}, sources tell Deadline.",
        f"Harrow Pictures has brought in Ann Lee to polish the script of {T}.",
        f"Ann Lee will make her directorial debut with {T}.",
        f"Ann Lee has been locked in to star in {T}.",
        f"Ann Lee nabs role in {T}.",
        f"Ann Lee, fired from Paper Tigers last year, joins {T}.",
        f"Ann Lee, who recently dropped out of Paper Tigers, joins {T}.",
        f"Ann Lee, seen most recently in Paper Tigers opposite Carla Voss and Dan Roe, has joined the cast of {T}.",
        f"Ann Lee (Paper Tigers, Night Ferry) has been cast in {T}.",
        f"Ann Lee, who took a prize for Dan Roe's Paper Tigers, has joined the cast of Quill's {T}.",
    ],
)
def test_many_ways_to_come(text: str) -> None:
    """Who films, has a part, is found or is brought on joins, whatever stands between the name and its verb."""
    assert told(text) == {"Ann Lee": "joins"}


@pytest.mark.parametrize(
    "text",
    [
        f"Ann Lee has been filming Paper Tigers next door to {T}.",
        f"Ann Lee joins Bo Larsen at the premiere of {T}.",
        f"Ann Lee joined Harrow Pictures as president in March; its next film is {T}.",
        f"Quill joined Instagram to promote {T}.",
        f"Ann Lee exits a plane in a new clip from {T}.",
        f"Ann Lee is leaving nothing to chance in {T}.",
        f"In {T}, Captain Orrin leaves the fleet and joins the Larks.",
        f"{T} follows Joan Orrin as she joins a crew.",
        f"Ann Lee plays a nurse who dies in {T}.",
        f"Ann Lee's Captain Orrin died in Paper Tigers but lives in {T}.",
        f"Ann Lee Dies, and Dies Again, in the Trailer for {T}",
        f"Ann Lee will star in a sequel to {T}.",
        f"Ann Lee may direct {T}'s sequel.",
        f"Ann Lee, last seen in {T}, has joined Paper Tigers.",
        f"Ann Lee ({T}) has joined the cast of Paper Tigers.",
        f"Ann Lee, who had a short scene in {T}, is joining the cast of Paper Tigers.",
        f"Harrow Pictures, which is behind {T}, has cast Ann Lee in Paper Tigers.",
        f"Harrow Pictures has hired Ann Lee as head of marketing. She worked on {T}.",
        f"{T} takes over from Paper Tigers at the top of the box office.",
        f"In {T}, Ann Lee takes over from the sea.",
        f"Ann Lee replaces the horn with a drum in the score of {T}.",
        f"{T} joins Paper Tigers and Night of the Larks on Harrow's slate.",
        f"Ann Lee would have played Captain Orrin in {T}.",
        f"Ann Lee was close to leaving {T} over the script.",
        f"Bo Larsen waits in the wings should Ann Lee leave {T}.",
        f"Talks with Ann Lee for {T} have fallen through.",
        f"Ann Lee leaves {T} as the new West End cast is announced.",
        f"{T} Cast & Character Guide",
        f"Ann Lee joined Quill on stage to show the first footage of {T}.",
        f"Ann Lee signed posters at a screening of {T}.",
        f"Ann Lee picked up a prize for {T}.",
        f"Ann Lee has landed in Riga to promote {T}.",
        f"{T} star Ann Lee has signed on for Paper Tigers.",
        f"Ann Lee exits her marriage weeks before {T}.",
        f"Ann Lee will play the Glastonbury stage a week before {T} opens.",
        f"Ann Lee is set to host the awards; her film {T} opens in May.",
        f"Ann Lee set a record with {T}.",
        f"Ann Lee has been named chief of Harrow Pictures, home of {T}.",
        f"Ann Lee added that {T} is her best work.",
        f"Ann Lee stepped down from the board of Harrow Pictures, which makes {T}.",
        f"Critic Ann Lee of Variety is not in love with {T}.",
        f"Fans want Ann Lee to win an Oscar for {T}.",
        f"Ann Lee was cast in {T} in 2021.",
        f"Ann Lee is in town for {T}. She had a hit with Bo Larsen and is attached to a new Moonraker.",
    ],
)
def test_what_only_sounds_like_a_coming_or_a_leaving(text: str) -> None:
    """Events, offices, characters, metaphors, plans that came to nothing and other films tell no change of our cast."""
    assert told(text) == {}


@pytest.mark.parametrize(
    ("text", "person"),
    [
        (
            f"Harrow Pictures denies that Dan Roe reshot {T}. A trade claimed that Roe had replaced director Marta Quill; "
            "the studio calls that “inaccurate”.",
            "Marta Quill",
        ),
        (f"A report that Dan Roe had taken over from Marta Quill on {T} is false, the studio says.", "Marta Quill"),
        (f"Reports that Marta Quill has left {T} are untrue.", "Marta Quill"),
        (f"A blog claimed that Ann Lee had joined {T}. Not so, says the studio.", "Ann Lee"),
        (f"Ann Lee has shot down reports that she will star in {T}.", "Ann Lee"),
        (f"Ann Lee has denied that she was fired from {T}.", "Ann Lee"),
        (f"Despite rumors, Ann Lee will not be in {T}.", "Ann Lee"),
        (f"Ann Lee turned down the lead in {T}.", "Ann Lee"),
    ],
)
def test_what_is_denied_is_denied_of_whom_it_is_told(text: str, person: str) -> None:
    """A report that is refuted, before it or after, is a denial; of a replacement that is denied, nobody joined."""
    assert told(text) == {person: "denied"}


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (f"Ann Lee is in early conversations to star in {T}.", "in_talks"),
        (f"Ann Lee is in negotiations with Harrow Pictures to direct {T}.", "in_talks"),
        (f"An offer has gone out to Ann Lee for the lead in {T}.", "in_talks"),
        (f"Ann Lee has received an offer to star in {T}.", "in_talks"),
        (f"Ann Lee's deal for {T} has not yet been finalized.", "in_talks"),
        (f"Ann Lee would star in {T} should her deal close.", "in_talks"),
        (f"Ann Lee will no longer star in {T}.", "exits"),
        (f"{T} director Ann Lee has walked away from the project.", "exits"),
        (f"Ann Lee has bowed out of {T} because of a clash of dates with Paper Tigers.", "exits"),
        (f"Ann Lee's departure from {T} comes weeks before the shoot.", "exits"),
        (f"Scheduling conflicts have forced Ann Lee out of {T}.", "exits"),
        (f"{T} has lost Ann Lee.", "exits"),
    ],
)
def test_talks_and_leavings_in_many_words(text: str, status: str) -> None:
    """Offers and open deals are talks; who walks away, is forced out or will no longer star leaves."""
    assert told(text) == {"Ann Lee": status}


def test_a_denial_of_other_things_is_none() -> None:
    """Who denies something that is no credit denies no credit."""
    assert told(f"Marta Quill denied that {T} was in trouble.") == {}
    assert told(f"Marta Quill Shoots Down {T} Robin Rumor") == {}


def test_lists_of_parts_join_under_a_headline_that_tells_a_new_cast() -> None:
    """Role lists, "with … for the early years", asides and brackets name the actors and not the parts."""
    title = f"Wider cast of {T} made known"
    text = (
        f"Marta Quill's {T} has named the family. Ann Lee is Joan, with Bo Larsen for the early years; Carla Voss and "
        "Dan Roe are Tom; Eva Lind, who was herself Joan's mother in 2004's Paper Tigers, is Hope Hart."
    )
    assert cast(text, title=title) == dict.fromkeys(("Ann Lee", "Bo Larsen", "Carla Voss", "Dan Roe", "Eva Lind"), "joins")
    assert cast(f"{T} is cast. Joan (Ann Lee as a child), Tom (Bo Larsen).") == {"Ann Lee": "listed", "Bo Larsen": "listed"}


@pytest.mark.parametrize(
    ("text", "people"),
    [
        (f"{T} opens in May. Ann Lee, Bo Larsen and Carla Voss also star.", 3),
        (f"{T} opens in May. Who's in it? Ann Lee, Bo Larsen, Carla Voss.", 3),
        (f"{T} with Ann Lee and Bo Larsen opens in May.", 2),
        (f"{T} has Ann Lee as Joan and Bo Larsen as Tom.", 2),
        (f"Previously announced for {T} are Ann Lee, Bo Larsen and Carla Voss.", 3),
        (f"Ann Lee and Bo Larsen are also in the film. {T} opens in May.", 2),
        (f"{T} stars Ann Lee, Bo Larsen and Carla Voss.", 3),
    ],
)
def test_the_known_cast_is_told_again(text: str, people: int) -> None:
    """Lists of a known cast are listed in full, however they are written."""
    assert cast(text) == dict.fromkeys(("Ann Lee", "Bo Larsen", "Carla Voss")[:people], "listed")


def test_one_who_has_one_name_stands_in_a_list() -> None:
    """A person of one name is known by the full names beside it; a place or a company is none."""
    found = cast(f"{T} stars Ann Lee, Marisol, Bo Larsen and Carla Voss.")
    assert list(found) == ["Ann Lee", "Marisol", "Bo Larsen", "Carla Voss"]


def test_one_who_has_one_name_may_have_a_trade() -> None:
    """A singer of one name may join; a ship of one name is nobody."""
    assert told(f"Pop star Marisol has joined the cast of {T}.") == {"Marisol": "joins"}
    assert told(f"The steamship Marisol has joined the fleet of {T}.") == {}


def test_an_actor_by_description_is_who_was_last_told_to_come() -> None:
    """Whom "the veteran actor" means is the newcomer of the headline, not a neighbour."""
    text = f"Ann Lee is off to sea. The veteran actor, seen last in Paper Tigers opposite Bo Larsen, has joined the cast of {T}."
    assert told(text, title=f"Ann Lee Joins {T}") == {"Ann Lee": "joins"}


def test_the_backdrop_of_another_s_news_is_no_news() -> None:
    """Whom the title knows, and a text tells again beside a newcomer, does not join once more."""
    text = f"Marta Quill will star in {T}; Ann Lee is confirmed to appear alongside her."
    assert told(text, title=f"Ann Lee Joins {T}") == {"Ann Lee": "joins"}


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (f"Ann Lee, the veteran actress who will next be seen in {T}, has died.", {"Ann Lee": "died"}),
        (f"Following the death of Ann Lee, {T} will go on; she had shot all of her scenes.", {"Ann Lee": "died"}),
        (f"{T} stars Ann Lee. Lee passed away in March.", {"Ann Lee": "died"}),
        (f"Dan Roe, who dressed {T} for fifteen years, has died at 71.", {}),
        (f"{T} begins when a king has died. Ann Lee stars.", {}),
    ],
)
def test_a_death_matters_where_a_work_ties_it_to_the_film(text: str, status: dict[str, str]) -> None:
    """The death of somebody in the film is told; that of a neighbour, or of a part, is not."""
    assert told(text) == status


def test_names_keep_their_initials_and_lose_their_epithets() -> None:
    """A name keeps "J.R." at its head, and "breakout" before it is none of it."""
    assert told(f"J.R. Stone joins {T}.") == {"J.R. Stone": "joins"}
    assert told(f"Paper Tigers breakout Ann Lee has joined {T}, set to play Joan.") == {"Ann Lee": "joins"}


def test_a_film_whose_name_holds_ours_is_another() -> None:
    """Who joins "Nocturne of the Dead" does not join "Nocturne"."""
    assert told("Ann Lee joins Nocturne of the Dead. Nocturne, the film by Iris Valdane, opens in May.") == {}
