"""JavaScript as scaffolding knows it."""

from kvgen.languages.language import Language
from kvgen.quoting import Literal, preferred_quote, quoted, utf16_escape


def js(text: str) -> Literal:
    """Quote for JavaScript, with the quotes that Prettier would choose."""
    return quoted(text, preferred_quote(text), utf16_escape)


def truth(choice: str) -> Literal:
    """Write ``on`` or ``off`` as JavaScript's or Go's true or false."""
    return Literal("true" if choice == "on" else "false")


JAVASCRIPT = Language(
    name="javascript",
    title="JavaScript",
    aliases=("js", "node"),
    needs="Node 18 or newer, no packages",
    trade_off="no dependencies, no build; index.js is its server",
    entries=("index.js", "package.json"),
    handler="handler.js",
    kv=("kv.js", "fake-kv.js"),
    kv_dependencies=(),
    function_dependencies=(),
    filters={"js": js, "truth": truth},
    fence="javascript",
    test_command="npm test",
    new_func="js",
    platform="Node",
)
