"""TypeScript as scaffolding knows it; its literals are those of JavaScript."""

from kvgen.languages.language import Language

TYPESCRIPT = Language(
    name="typescript",
    title="TypeScript",
    aliases=("ts",),
    needs="Node 20 or newer (22.18 for kvgen dev), tsc",
    trade_off="the same program as in JavaScript, with types; a build by tsc",
    entries=("index.ts", "tsconfig.json"),
    handler="handler.ts",
    kv=("kv.ts", "fake-kv.ts", "local.mjs"),
    kv_dependencies=(),
    function_dependencies=(),
    filters={},
    fence="typescript",
    test_command="npm test",
    new_func="ts",
    platform="Node and the build",
    stores={"rest": (), "binding": ("@telnyx/edge-runtime",)},
)
