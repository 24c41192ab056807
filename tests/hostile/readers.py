"""Languages that read what kvgen wrote: each one a process that lives for the whole session."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from kvgen.languages.toolchains import find_go, find_node, go_environment

_HERE = Path(__file__).parent
_PRETTIER = _HERE.parents[1] / "build/tools/node_modules/prettier/index.mjs"


class Reader:
    """A process that answers requests, a line of JSON each."""

    def __init__(self, command: Sequence[object]) -> None:
        self._process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def ask(self, operation: str, **request: object) -> Any:
        """Return the answer; fails with what the reader says is wrong."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"operation": operation, **request}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert "error" not in answer, f"{answer['error']}\n{request}"
        return answer["value"]

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture(scope="session")
def javascript() -> Iterator[Reader]:
    """Node with Prettier: `values`, `constants`, `parse`, `isPretty`."""
    flags = ["--experimental-vm-modules", "--no-warnings"]
    reader = Reader([find_node(), *flags, _HERE / "reader.mjs", _PRETTIER])
    yield reader
    reader.close()


@pytest.fixture(scope="session")
def golang(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Go's own parser, type checker and formatter: `values`, `constants`, `isFormatted`."""
    binary = tmp_path_factory.mktemp("reader") / "reader"
    command = (find_go(), "build", "-o", binary, _HERE / "reader.go")
    subprocess.run([str(word) for word in command], check=True, env=go_environment())
    reader = Reader([binary])
    yield reader
    reader.close()


def source_in_sh(assignment: str, folder: Path) -> str:
    """Return what a POSIX shell has in ``VALUE`` once it has read a file with the assignment."""
    (folder / "file").write_text(assignment, encoding="utf-8")
    command = ["sh", "-c", 'set -eu; . ./file; printf %s "$VALUE"']
    done = subprocess.run(command, cwd=folder, env={}, capture_output=True, check=True)
    assert not done.stderr
    return done.stdout.decode("utf-8")
