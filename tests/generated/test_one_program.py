"""TypeScript and JavaScript are one program: without its types, the one is the other.

Both go through the compiler, which takes types and comments away, and then through Prettier.
"""

import json
import subprocess
from pathlib import Path

from kvgen.languages.toolchains import find_node
from tests.tools import NEWEST_TSC, PRETTIER

#: What may differ: text of the TypeScript function, and what JavaScript has in its place.
_DIFFERENCES = (
    ("  expose = true;\n  status;\n", "  expose = true;\n"),  # a field has to be declared
)

_STRIPPED = {
    "allowJs": True,
    "checkJs": False,
    "lib": ["esnext"],
    "module": "nodenext",
    "noCheck": True,
    "outDir": "out",
    "removeComments": True,
    "rewriteRelativeImportExtensions": True,
    "rootDir": "/",
    "target": "esnext",
    "types": [],
    "verbatimModuleSyntax": True,
}


def _programs(folders, workdir):
    """Return the text of each file of each folder, without types and comments, by its name."""
    workdir.mkdir()
    settings = {"compilerOptions": _STRIPPED, "include": [f"{folder}/*" for folder in folders]}
    (workdir / "tsconfig.json").write_text(json.dumps(settings))
    subprocess.run([find_node(), NEWEST_TSC, "-p", workdir], check=True)
    out = workdir / "out"
    options = ["--object-wrap", "collapse", "--log-level", "warn", "--write"]
    subprocess.run([find_node(), PRETTIER, *options, out], cwd=out, check=True)
    return [
        {file.stem: file.read_text() for file in sorted((out / str(folder)[1:]).glob("*.js"))}
        for folder in folders
    ]


def test_typescript_without_its_types_is_the_javascript_program(tmp_path, extreme_folders):
    typed = _programs(extreme_folders["typescript"], tmp_path / "typed")
    plain = _programs(extreme_folders["javascript"], tmp_path / "plain")
    for one, other in zip(typed, plain, strict=True):
        assert one.keys() == other.keys()
        for name, text in one.items():
            for stands, instead in _DIFFERENCES:
                text = text.replace(stands, instead)
            assert text.splitlines() == other[name].splitlines(), name
