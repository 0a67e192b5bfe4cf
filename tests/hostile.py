"""Text that trips parsers, a piece at a time: the tests say what must come of it, `tests/bench/linear.py` how the time grows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hostile:
    """A piece to be repeated behind a start. `seen` is what a reader sees of each piece where it is HTML."""

    piece: str
    seen: str = ""
    start: str = ""

    def text(self, length: int) -> str:
        """About so many characters of it."""
        return self.start + self.piece * self.times(length)

    def times(self, length: int) -> int:
        """How often the piece goes into so many characters."""
        return length // len(self.piece)


HTML = (
    *(Hostile(piece) for piece in ("<!-- x ", "<a ", "<a =", "<a = '", "<script>", "<script/>", "<div>", "<svg></svg ")),
    *(Hostile(piece) for piece in ("</", "<?", "<![CDATA[", "\n ", "&lt;p&gt;", "\u200b")),
    *(Hostile(piece, start="<a ") for piece in "='9"),
    *(Hostile(piece, seen=piece) for piece in ("<", "&#", "]]>")),
    Hostile('<a ">" ', seen='" '),
    Hostile("&amp;", seen="&"),
    Hostile("&ampamp", seen="&amp"),
    Hostile("a\u0301\u0316", seen="\u00e1\u0316"),
)

#: Combining marks without end. The last two hold U+0F73, which says that it is no mark and is two.
MARKS = ("\u0300", "\u0301\u0316", "\u0344", "\u0f73", "\u0f73\u0301")

#: To be repeated in the description of an item, or with nothing around it.
FEED = (
    *("<!-- ", "<![CDATA[", "<item>", "<div>", "&lt;!-- ", "<!ENTITY a 'b'>", "&amp;", "<a href='x'", "&#1;", "\xeb", "<", "&"),
    *("<?x y?>", "<a b='", "xmlns:a='b' ", "&#x"),
)

#: To be repeated in an item, numbered so that no two are the same.
NUMBERED = (
    *("<description>text {}.</description>", "<content:encoded>text {}.</content:encoded>", "<category>c{}</category>"),
    *("<author>a{}</author>", "<link>https://example.org/{}</link>", "<a{}>", "<enclosure url='{}'/>"),
)


def numbered(piece: str, length: int) -> str:
    """About so many characters of a piece, its `{}` counted up."""
    return "".join(piece.format(number) for number in range(length // (len(piece) + 2)))


#: Words that the reader has rules for, without an end; it watches "Harbor Lights", whose context is Mira Solis.
NEWS = (
    *("Harbor Lights ", "Harbor Lights. ", "“Harbor Lights” ", "'Harbor Lights' ", "Harbor Lights: ", "Harbor Lights 2 "),
    *(
        "May 7, ",
        "May 7, 2026 ",
        "from May 7, 2026 to ",
        "next Friday ",
        "summer 2026 ",
        "7.5.2026 ",
        "2026 ",
        "1",
        "12 ",
        "'26 ",
    ),
    *(
        "Mira Solis joins ",
        "Mira Solis, ",
        "Ada Quill and ",
        "Ada de ",
        "Ada Quill's ",
        "A. ",
        "Dr. ",
        "A",
        "Ab ",
        "AB ",
        "ABCDEF",
    ),
    *("x", "film ", "the film ", "it ", "the ", "a-", "a'", "a.", "'s ", "s' ", "-a", "é", "𝔘", "\u0130", "\ufffd", "_"),
    *(
        "“",
        "”",
        "'",
        '"',
        "(",
        ")",
        "[(",
        "((",
        "()",
        ",",
        ", ",
        ";",
        ":",
        ": ",
        ". ",
        "… ",
        "?! ",
        "– ",
        " ",
        "\n",
        "\n\n",
        "\t",
    ),
    *(
        "in theaters ",
        "will open on ",
        "is no longer ",
        "is set to ",
        "said that ",
        "per Deadline, ",
        "according to ",
        "opposite ",
    ),
    *("the former, the latter, ", "the director of the film and the star of the ", "is in talks to star in ", "no release date "),
    *(
        "(May 7, 2026) ",
        "Ab (2026) ",
        "and Ab in ",
        "Ab of the ",
        "of the ",
        "& ",
        "Ab & ",
        "Ab: Cd ",
        "Ab 2 ",
        "the Ab of Cd film ",
    ),
    *("Harbor Lights opens May 7, 2026. Mira Solis joins. ", "Ab Cd opens on May 7. ", "Ab, who is Cd, opens on May 7, and "),
    *("Ab Cd (May 7), ", "May 7: Ab Cd\n", "- Harbor Lights - May 7\n", "as Ab Cd in ", "der Film ", "l'", "dell'uscita "),
)
