"""Hostile texts that try to break out of a literal, a line or a folder."""

from hypothesis import strategies as st

#: What means something to a language, a template, a shell, a terminal or a file system.
FRAGMENTS = (
    *("'", '"', "`", "\\", '"""', "'''", "\\'", '\\"', "\\\\", "\\n", "\\u0041", "\\U0001f44b"),
    *("\\x41", "\\N{BULLET}", "\\0", "${x}", "$(id)", "`id`", "$HOME", "#{x}", "%s", "%(x)s", "%n"),
    *(
        "{{ 7 * 7 }}",
        "{%",
        "%}",
        "{#",
        "#}",
        "{{",
        "}}",
        "{",
        "}",
        "*/",
        "/*",
        "//",
        "#",
        "--",
        ";",
    ),
    *("\n", "\r", "\r\n", "\t", "\0", "\x1b[31m", "\x7f", "\x85", "\xa0", "\xe9", "\xff"),
    *("\u2028", "\u2029", "\u202e", "\u200f", "\u2066", "\ufeff", "\ufffd", "\uffff", "\U0001f44b"),
    *("\U0010ffff", "\ud83d", "\udc4b", "\ud800", "\udcff", "e\u0301", "\u0130"),
    *(
        "</script>",
        "<!--",
        "]]>",
        "-",
        "--help",
        "=",
        "==",
        "!",
        "!!",
        "~",
        "&&",
        "|",
        ">",
        "<",
        "*",
    ),
    *(" ", "  ", ".", "..", "../", "/", "//", "0", "1e9", "true", "__proto__", "nan", "\u0661"),
    *("[x]", "]", "[[", "a", "Z", ":", "@", ",", "+", "^", "?", "_"),
)

any_text = st.text(st.characters(exclude_categories=()))
printable = st.text(st.characters(min_codepoint=32, max_codepoint=126))

_fragments = st.sampled_from(FRAGMENTS)
_pieces = st.lists(_fragments | st.text(max_size=3), max_size=12).map("".join)
_long = st.tuples(_fragments, st.integers(1000, 10_000)).map(lambda pair: pair[0] * pair[1])

hostile = st.one_of(_pieces, _pieces, _pieces, any_text, _long.map(lambda text: text[:10_240]))
hostile_line = st.lists(
    st.sampled_from([text for text in FRAGMENTS if text.isprintable() and text.isascii()]),
    max_size=12,
).map("".join)

#: All of them at once, but for halves of surrogate pairs.
EVERYTHING = "".join(text for text in FRAGMENTS if not "\ud800" <= text <= "\udfff")


def has_half_pair(text: str) -> bool:
    """Whether the text holds half of a surrogate pair, which no file can hold."""
    return any("\ud800" <= character <= "\udfff" for character in text)
