"""Go as scaffolding knows it."""

from kvgen.languages.language import Language
from kvgen.quoting import Literal, quoted, rune_escape


def go(text: str) -> Literal:
    """Quote for Go as an interpreted string."""
    return quoted(text, '"', rune_escape)


GO = Language(
    name="go",
    title="Go",
    aliases=("golang",),
    needs="Go 1.24 or newer, standard library only",
    trade_off="the fastest, with the least memory; edits take the most lines",
    entries=("handler.go", "go.mod"),
    handler="handler.go",
    kv=("kv.go", "fake_kv_test.go"),
    kv_dependencies=(),
    function_dependencies=(),
    filters={"go": go},
    fence="go",
    test_command="go test ./...",
    new_func="go",
    platform="server, health",
)
