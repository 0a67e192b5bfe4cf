"""Reading in German, French, Spanish, Italian and Portuguese. All films and people here are invented."""

from __future__ import annotations

import pytest
from readings import MERIDIAN, OUTLETS, cast, dates, item, releases

from watcher.model import UNKNOWN_REGION, Action, Outlet, ReleaseClaim, ReleaseType
from watcher.read import Reader
from watcher.read.grammar import ENGLISH, grammar, languages, lexicon
from watcher.read.languages import language_of
from watcher.read.phrases import first_words
from watcher.read.text import flat

T = "The Glass Meridian"

#: What each text says of the film's release, published on Monday, May 4, 2026.
TOLD = {
    "de": [
        (f"„{T}“ startet am 6. Juni 2027 in den deutschen Kinos.", ["2027-06-06"]),
        (f"Der Kinostart von „{T}“ ist auf den 24. April 2027 angesetzt. Das Publikum freut sich.", ["2027-04-24"]),
        (f"Der Film „{T}“ wurde vom 5. März 2027 auf den 6. Juni 2027 verschoben.", ["2027-06-06"]),
        (f"„{T}“ wird am Donnerstag, den 7. Mai 2026, in den Kinos anlaufen.", ["2026-05-07"]),
        (f"„{T}“ kommt erst im Herbst 2027 ins Kino.", ["2027-23"]),
        (f"Das Studio bringt „{T}“ Anfang 2027 in die Kinos.", ["2027-33"]),
        (f"Ab dem 6.6.2027 ist „{T}“ auf DVD und Blu-ray erhältlich.", ["2027-06-06"]),
        (f"„{T}“ startet am Donnerstag bei uns im Kino.", ["2026-05-07"]),
        (f"Eigentlich sollte „{T}“ am 5. März 2027 starten, doch er wurde auf den 6. Juni 2027 verschoben.", ["2027-06-06"]),
        (f"„{T}“ kommt im nächsten Jahr in die Kinos.", ["2027"]),
        (f"„{T}“ wurde auf unbestimmte Zeit verschoben.", ["unset"]),
        # traps
        (f"Die Dreharbeiten zu „{T}“ beginnen am 6. Juni 2026.", []),
        (f"„{T}“ wird ab dem 6. Juni 2026 in Prag gedreht.", []),
        (f"„{T}“ hat noch keinen Starttermin, aber „Paper Tigers“ startet am 6. Juni 2027.", []),
        (f"„{T}“ sollte ursprünglich am 5. März 2027 in den Kinos starten.", []),
        (f"Der Trailer zu „{T}“ erscheint am 6. Juni 2026.", []),
        (f"Regisseurin Marta Quill feiert am 6. Juni 2026 ihren Geburtstag; sie drehte „{T}“.", []),
        (f"„{T}“ wurde verschoben, „Paper Tigers“ übernimmt den Termin am 5. März 2027.", []),
        (f"„{T}“ wird nicht am 5. März 2027 in die Kinos kommen.", []),
    ],
    "fr": [
        (f"« {T} » sortira au cinéma le 6 juin 2027.", ["2027-06-06"]),
        (f"La sortie de « {T} » est fixée au 1er juin 2027 en France.", ["2027-06-01"]),
        (f"« {T} » est repoussé du 5 mars 2027 au 6 juin 2027.", ["2027-06-06"]),
        (f"Prévu initialement pour le 5 mars 2027, « {T} » sortira finalement le 6 juin 2027.", ["2027-06-06"]),
        (f"« {T} » arrivera dans nos salles mercredi prochain.", ["2026-05-13"]),
        (f"« {T} » débarquera dans les salles à l'été 2027.", ["2027-22"]),
        (f"« {T} » est attendu pour début 2027.", ["2027-33"]),
        (f"« {T} » sera disponible en DVD et Blu-ray le 06/06/2027.", ["2027-06-06"]),
        (f"Le film « {T} » sortira l'année prochaine.", ["2027"]),
        (f"« {T} » ne sortira pas le 5 mars 2027 mais le 6 juin 2027.", ["2027-06-06"]),
        (f"« {T} » a été reporté à une date ultérieure.", ["unset"]),
        # traps
        (f"Le tournage de « {T} » débutera le 6 juin 2026.", []),
        (f"« {T} » n'a pas encore de date de sortie, mais « Paper Tigers » sortira le 6 juin 2027.", []),
        (f"« {T} » devait sortir le 5 mars 2027.", []),
        (f"La bande-annonce de « {T} » sera dévoilée le 6 juin 2026.", []),
        (f"L'actrice de « {T} », Marta Quill, est née le 6 juin 1990.", []),
        (f"« {T} » est reporté, et « Paper Tigers » prendra sa place le 5 mars 2027.", []),
        (f"« {T} » ne sortira plus le 5 mars 2027.", []),
        (f"Le réalisateur de « {T} » l'a annoncé le 6 avril 2026.", []),
    ],
    "es": [
        (f"“{T}” se estrenará en cines el 6 de junio de 2027.", ["2027-06-06"]),
        (f"“{T}” llegará a los cines de España el viernes 8 de mayo.", ["2026-05-08"]),
        (f"“{T}” se retrasa del 5 de marzo de 2027 al 6 de junio de 2027.", ["2027-06-06"]),
        (f"“{T}”, prevista inicialmente para el 5 de marzo de 2027, se pospone hasta el 6 de junio de 2027.", ["2027-06-06"]),
        (f"“{T}” se estrena este jueves en nuestros cines.", ["2026-05-07"]),
        (f"“{T}” llegará a las salas en otoño de 2027.", ["2027-23"]),
        (f"“{T}” se estrenará a principios de 2027.", ["2027-33"]),
        (f"“{T}” estará disponible en Blu-ray a partir del 6 de junio de 2027.", ["2027-06-06"]),
        (f"El estreno de “{T}” se adelanta al 6 de junio de 2027.", ["2027-06-06"]),
        (f"“{T}” llegará a los cines el año que viene.", ["2027"]),
        (f"“{T}” ha sido retirada del calendario de estrenos.", ["unset"]),
        # traps
        (f"El rodaje de “{T}” comenzará el 6 de junio de 2026.", []),
        (f"“{T}” aún no tiene fecha de estreno, pero “Paper Tigers” se estrena el 6 de junio de 2027.", []),
        (f"“{T}” iba a estrenarse el 5 de marzo de 2027.", []),
        (f"El tráiler de “{T}” se estrena el 6 de junio de 2026.", []),
        (f"“{T}” finalmente no se estrenará el 5 de marzo de 2027.", []),
        (f"“{T}” se retrasa y “Paper Tigers” ocupará su hueco el 5 de marzo de 2027.", []),
        (f"Marta Quill, protagonista de “{T}”, nació el 6 de junio de 1990.", []),
        (f"Las entradas de “{T}” salen a la venta el 6 de junio de 2026.", []),
    ],
    "it": [
        (f"“{T}” uscirà nelle sale italiane il 6 giugno 2027.", ["2027-06-06"]),
        (f"“{T}” arriverà al cinema l'8 agosto 2027.", ["2027-08-08"]),
        (f"“{T}” è stato posticipato dal 5 marzo 2027 al 6 giugno 2027.", ["2027-06-06"]),
        (f"L'uscita di “{T}”, inizialmente prevista per il 5 marzo 2027, slitta al 6 giugno 2027.", ["2027-06-06"]),
        (f"“{T}” debutta questo giovedì nelle nostre sale.", ["2026-05-07"]),
        (f"“{T}” arriverà in sala nell'autunno 2027.", ["2027-23"]),
        (f"“{T}” uscirà a inizio 2027.", ["2027-33"]),
        (f"“{T}” sarà disponibile in DVD e Blu-ray dal 6 giugno 2027.", ["2027-06-06"]),
        (f"Il film “{T}” arriverà al cinema l'anno prossimo.", ["2027"]),
        (f"“{T}” ha finalmente una data di uscita: il 6 giugno 2027.", ["2027-06-06"]),
        (f"“{T}” è stato rinviato a data da destinarsi.", ["unset"]),
        # traps
        (f"Le riprese di “{T}” inizieranno il 6 giugno 2026.", []),
        (f"“{T}” non ha ancora una data di uscita, ma “Paper Tigers” uscirà il 6 giugno 2027.", []),
        (f"“{T}” doveva uscire il 5 marzo 2027.", []),
        (f"Il trailer di “{T}” uscirà il 6 giugno 2026.", []),
        (f"“{T}” non uscirà più il 5 marzo 2027.", []),
        (f"“{T}” slitta e “Paper Tigers” prenderà il suo posto il 5 marzo 2027.", []),
        (f"Marta Quill, regista di “{T}”, è nata il 6 giugno 1990.", []),
        (f"La colonna sonora di “{T}” uscirà il 6 giugno 2026.", []),
    ],
    "pt": [
        (f"“{T}” estreia nos cinemas brasileiros em 6 de junho de 2027.", ["2027-06-06"]),
        (f"“{T}” chega aos cinemas no dia 06/06/2027.", ["2027-06-06"]),
        (f"“{T}” foi adiado de 5 de março de 2027 para 6 de junho de 2027.", ["2027-06-06"]),
        (f"Originalmente previsto para 5 de março de 2027, “{T}” agora estreia em 6 de junho de 2027.", ["2027-06-06"]),
        (f"“{T}” chega aos cinemas nesta quinta-feira.", ["2026-05-07"]),
        (f"“{T}” tem estreia marcada para 4 de junho nos cinemas do Brasil.", ["2026-06-04"]),
        (f"“{T}” deve estrear no início de 2027.", ["2027-33"]),
        (f"“{T}” estará disponível em Blu-ray a partir de 6 de junho de 2027.", ["2027-06-06"]),
        (f"A estreia de “{T}” foi antecipada para 6 de junho de 2027.", ["2027-06-06"]),
        (f"O filme “{T}” estreia no ano que vem.", ["2027"]),
        (f"“{T}” foi adiado por tempo indeterminado.", ["unset"]),
        # traps
        (f"As filmagens de “{T}” começam em 6 de junho de 2026.", []),
        (f"“{T}” ainda não tem data de estreia, mas “Paper Tigers” chega aos cinemas em 6 de junho de 2027.", []),
        (f"“{T}” estava previsto para 5 de março de 2027.", []),
        (f"O trailer de “{T}” será lançado em 6 de junho de 2026.", []),
        (f"“{T}” não estreia mais em 5 de março de 2027.", []),
        (f"“{T}” foi adiado, e “Paper Tigers” ocupará seu lugar em 5 de março de 2027.", []),
        (f"Marta Quill, estrela de “{T}”, nasceu em 6 de junho de 1990.", []),
        (f"A pré-venda de “{T}” começa em 22 de maio.", []),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("language", "text", "wanted"), [(k, *case) for k, cases in TOLD.items() for case in cases])
def test_release_dates_are_read_in_other_languages(language: str, text: str, wanted: list[str]) -> None:
    """In each language the film's own dates are read, and those of other things, other films and given-up plans are not."""
    assert language_of(flat(text)) == language
    assert dates(text) == wanted


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (f"„{T}“ wurde vom 5. März 2027 auf den 6. Juni 2027 verschoben.", "2027-03-05", "2027-06-06"),
        (f"« {T} » est repoussé du 5 mars 2027 au 6 juin 2027.", "2027-03-05", "2027-06-06"),
        (f"“{T}” se retrasa del 5 de marzo de 2027 al 6 de junio de 2027.", "2027-03-05", "2027-06-06"),
        (f"“{T}” è stato posticipato dal 5 marzo 2027 al 6 giugno 2027.", "2027-03-05", "2027-06-06"),
        (f"“{T}” foi adiado de 5 de março de 2027 para 6 de junho de 2027.", "2027-03-05", "2027-06-06"),
    ],
)
def test_a_move_keeps_both_dates_in_other_languages(text: str, old: str, new: str) -> None:
    """A move from one day to another is told as a move, with the old date kept."""
    (claim,) = releases(text)
    assert (claim.from_date and claim.from_date.text, claim.date.text, claim.action) == (old, new, Action.MOVES)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        (f"Der US-Kinostart von „{T}“ ist der 6. Juni 2027.", "US"),
        (f"„{T}“ startet in Deutschland am 6. Juni 2027.", "DE"),
        (f"« {T} » sortira le 6 juin 2027 aux États-Unis.", "US"),
        (f"« {T} » sortira dans les salles françaises le 6 juin 2027.", "FR"),
        (f"“{T}” se estrenará en España el 6 de junio de 2027.", "ES"),
        (f"“{T}” llegará a los cines mexicanos el 6 de junio de 2027.", "MX"),
        (f"“{T}” uscirà nelle sale italiane il 6 giugno 2027.", "IT"),
        (f"“{T}” uscirà negli Stati Uniti il 6 giugno 2027.", "US"),
        (f"“{T}” estreia nos cinemas brasileiros em 6 de junho de 2027.", "BR"),
        (f"“{T}” estreia em 6 de junho de 2027 nos EUA.", "US"),
        (f"„{T}“ startet am 6. Juni 2027 im Kino.", UNKNOWN_REGION),
        (f"“{T}” estreia nos cinemas em 6 de junho de 2027.", UNKNOWN_REGION),
    ],
)
def test_countries_are_read_in_other_languages(text: str, region: str) -> None:
    """A date is of the country that the text names for it, and of an unknown one where it names none."""
    assert [c.region for c in releases(text)] == [region]


@pytest.mark.parametrize(
    "text",
    [
        f"Hierzulande startet „{T}“ am 6. Juni 2027 im Kino.",
        f"« {T} » sortira chez nous le 6 juin 2027.",
        f"“{T}” llega a nuestros cines el 6 de junio de 2027.",
        f"“{T}” uscirà nelle nostre sale il 6 giugno 2027.",
        f"“{T}” estreia por aqui em 6 de junho de 2027.",
    ],
)
def test_a_local_cue_means_the_country_of_the_outlet(text: str) -> None:
    """Where the text says "with us", the date is of the outlet's country."""
    assert [c.region for c in releases(text, outlet=Outlet(name="Nova", owner="Nova", country="AT"))] == ["AT"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"„{T}“ erscheint am 6. Juni 2027 auf Blu-ray.", ReleaseType.PHYSICAL),
        (f"„{T}“ feiert am 6. Juni 2027 auf der Berlinale Weltpremiere.", ReleaseType.PREMIERE),
        (f"« {T} » sera disponible en VOD le 6 juin 2027.", ReleaseType.DIGITAL),
        (f"“{T}” llegará a Netflix el 6 de junio de 2027.", ReleaseType.STREAMING),
        (f"“{T}” arriverà in streaming il 6 giugno 2027.", ReleaseType.STREAMING),
        (f"“{T}” sai em Blu-ray em 6 de junho de 2027.", ReleaseType.PHYSICAL),
    ],
)
def test_kinds_of_release_are_read_in_other_languages(text: str, kind: ReleaseType) -> None:
    """What is no release in cinemas is told apart."""
    assert [c.type for c in releases(text)] == [kind]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"Ada Larsen stößt zum Cast von „{T}“.", {"Ada Larsen": "joins"}),
        (f"Ada Larsen ist in Verhandlungen für eine Rolle in „{T}“.", {"Ada Larsen": "in_talks"}),
        (f"Ada Larsen verlässt den Film „{T}“.", {"Ada Larsen": "exits"}),
        (f"Schauspielerin Ada Larsen wird in „{T}“ die Hauptrolle spielen.", {"Ada Larsen": "joins"}),
        (f"Ada Larsen rejoint le casting de « {T} ».", {"Ada Larsen": "joins"}),
        (f"Ada Larsen est en négociations pour jouer dans « {T} ».", {"Ada Larsen": "in_talks"}),
        (f"Ada Larsen quitte le film « {T} ».", {"Ada Larsen": "exits"}),
        (f"L'actrice Ada Larsen pourrait jouer dans « {T} ».", {"Ada Larsen": "rumoured"}),
        (f"Ada Larsen se une al reparto de “{T}”.", {"Ada Larsen": "joins"}),
        (f"Ada Larsen está en negociaciones para protagonizar “{T}”.", {"Ada Larsen": "in_talks"}),
        (f"Ada Larsen abandona la película “{T}”.", {"Ada Larsen": "exits"}),
        (f"“{T}”, dirigida por Ada Larsen, se estrena en junio de 2027.", {"Ada Larsen": "listed"}),
        (f"Ada Larsen si è unita al cast di “{T}”.", {"Ada Larsen": "joins"}),
        (f"Ada Larsen è in trattative per un ruolo in “{T}”.", {"Ada Larsen": "in_talks"}),
        (f"Ada Larsen abbandona il film “{T}”.", {"Ada Larsen": "exits"}),
        (f"Nel film “{T}” Ada Larsen è stata scelta come protagonista.", {"Ada Larsen": "joins"}),
        (f"Ada Larsen entra para o elenco de “{T}”.", {"Ada Larsen": "joins"}),
        (f"Ada Larsen está em negociações para estrelar “{T}”.", {"Ada Larsen": "in_talks"}),
        (f"Ada Larsen deixou o filme “{T}”.", {"Ada Larsen": "exits"}),
        (f"“{T}”, dirigido por Ada Larsen, estreia em junho de 2027.", {"Ada Larsen": "listed"}),
        (f"El reparto de “{T}” incluye a Ada Larsen y Bo Dunn.", {"Ada Larsen": "listed", "Bo Dunn": "listed"}),
        # traps
        (f"Ada Larsen verlässt „Paper Tigers“; „{T}“ startet am 6. Juni 2027.", {}),
        (f"Ada Larsen quitte « Paper Tigers ». « {T} » sortira le 6 juin 2027.", {}),
        (f"Ada Larsen no estará en “{T}”.", {"Ada Larsen": "exits"}),
        (f"Ada Larsen abbandona “Paper Tigers”. “{T}” uscirà il 6 giugno 2027.", {}),
        (f"Ada Larsen deixou “Paper Tigers”. “{T}” estreia em 6 de junho de 2027.", {}),
    ],
)
def test_credits_are_read_in_other_languages(text: str, wanted: dict[str, str]) -> None:
    """The common sentences of casting are read in each language, and another film's are not."""
    assert cast(text) == wanted


@pytest.mark.parametrize(
    ("text", "hint", "language"),
    [
        ("The Glass Meridian startet erst im Herbst.", None, "de"),
        ("“The Lord of the Towers and the Queen of the Sea” sortira en salles mercredi.", None, "fr"),
        ("The film opens on June 6 in theaters.", "de-DE", "en"),
        ("Nocturne", "pt-BR", "pt"),
        ("Nocturne", None, "en"),
        ("Nocturne", "xx", "en"),
        ("", None, "en"),
    ],
)
def test_the_language_is_told_by_a_vote(text: str, hint: str | None, language: str) -> None:
    """The little words of a text tell its language; an English title does not mislead, and a feed's word only breaks ties."""
    assert language_of(flat(text), hint) == language


def test_each_item_is_read_in_its_own_language() -> None:
    """One reader reads items of several languages one after the other."""
    reader = Reader([MERIDIAN], OUTLETS)
    found = [
        claim.date.text
        for body in (f"{T} opens June 6, 2027.", f"„{T}“ startet am 7. Juni 2027 im Kino.", f"{T} opens June 8, 2027.")
        for reading in reader.read(item(body))
        for claim in reading.claims
        if isinstance(claim, ReleaseClaim)
    ]
    assert found == ["2027-06-06", "2027-06-07", "2027-06-08"]


@pytest.mark.parametrize("language", languages())
def test_a_lexicon_has_the_tables_that_english_has(language: str) -> None:
    """A lexicon has the tables of the English one and no other key, each of the same type, and is called what it is."""
    data, english = lexicon(language), lexicon(ENGLISH)
    assert data["language"] == language
    assert data.keys() == english.keys()
    for name, table in english.items():
        if name == "words" or not isinstance(table, dict):
            continue
        assert set(data[name]) <= set(table), name
        assert {key: type(value) for key, value in data[name].items()} == {key: type(table[key]) for key in data[name]}


@pytest.mark.parametrize("language", languages())
def test_a_lexicon_loads_and_its_phrases_resolve(language: str) -> None:
    """Every phrase of a lexicon names only groups that it has, and begins with a word by which it can be found."""
    data = lexicon(language)
    assert grammar(language).language == language
    for cue in (*data["release"]["cue"], *data["credit"]["cue"], *data["release"]["type"]):
        for phrase in cue["phrases"]:
            assert first_words(phrase, data["words"]), phrase


@pytest.mark.parametrize("language", languages())
def test_a_lexicon_has_the_whole_calendar(language: str) -> None:
    """Each lexicon names twelve months, seven weekdays and four seasons, and cues of every kind."""
    table = lexicon(language)["dates"]
    assert (len(table["months"]), len(table["weekdays"]), len(table["short_weekdays"]) % 7) == (12, 7, 0)
    assert all(table["months"])
    assert set(table["seasons"].values()) == {21, 22, 23, 24}
    assert {cue["kind"] for cue in lexicon(language)["release"]["cue"]} >= {"release", "old", "other", "none", "unset"}
