"""Commands that are killed at a point, and what their folder must look like then and afterwards."""

from collections.abc import Mapping
from pathlib import Path

from click.testing import CliRunner

from kvgen.cli import main
from kvgen.scaffold.staging import leftovers
from tests.regenerate.conftest import contents
from tests.regenerate.killer import Killer

Files = Mapping[str, bytes]


def command_line(arguments: list[str]) -> str:
    """Run kvgen in this process and return what it printed; AssertionError where it fails."""
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    return result.output


def dies_regenerating(
    killer: Killer, at: int, folder: Path, arguments: list[str], planned: Files
) -> bool:
    """Kill a command that changes a folder, and see the next run bring it to its end.

    ``planned`` is what the command makes of the folder when it lives; False where it did live.
    """
    before = contents(folder)
    if killer.run(at, command_line, arguments):
        assert contents(folder) == planned
        return False
    present = _without_scratch(contents(folder))
    assert present.keys() - before.keys() <= planned.keys()
    assert all(content in (before.get(p), planned.get(p)) for p, content in present.items())
    assert before.keys() - present.keys() <= before.keys() - planned.keys()
    is_half = present not in (before, planned)
    left = leftovers(folder)
    assert left or not is_half
    said = command_line(arguments)
    assert ("interrupted run" in said) == bool(left)
    assert contents(folder) == planned
    return True


def dies_creating(killer: Killer, at: int, folder: Path, arguments: list[str]) -> bool:
    """Kill a command that makes a folder: it is there whole or not at all; False where it lived."""
    if killer.run(at, command_line, arguments):
        return False
    if not folder.exists():
        left = leftovers(folder.parent, folder.name)
        said = command_line(arguments)
        assert ("interrupted run" in said) == bool(left)
    assert "0 changed" in command_line(["regenerate", str(folder)])
    assert leftovers(folder.parent, folder.name) == []
    return True


def _without_scratch(files: Files) -> dict[str, bytes]:
    return {path: content for path, content in files.items() if ".kvgen-" not in path}
