"""The one door to git: it merges three files in a folder of their own, and nothing else.

No configuration of the user's, of the system's or of a repository is read, and nothing is fetched.
"""

import os
from collections.abc import Sequence
from pathlib import Path

_SETTINGS = ("safe.bareRepository=explicit", "core.fsmonitor=", "core.hooksPath=/dev/null")
_LABELS = ("-L", "yours", "-L", "kvgen before", "-L", "kvgen now")
_PATIENCE = 60  # seconds; three files of 16 MiB take five


def merge_files(
    base: bytes, mine: bytes, new: bytes, options: Sequence[str]
) -> tuple[int, bytes, str]:
    """Merge three texts by line; raises FileNotFoundError if git is not installed.

    Returns git's exit status, the merged text, and what it had to complain about.
    """
    # Most runs merge nothing, and these take longer to import than a folder takes to plan.
    import subprocess

    from kvgen.files.commands import find_command
    from kvgen.files.temporary import temporary_folder

    git = find_command("git")
    if git is None:
        raise FileNotFoundError("git")
    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    with temporary_folder("merge") as place:
        for name, content in (("mine", mine), ("base", base), ("new", new)):
            (place / name).write_bytes(content)
        command = [str(git), *settings, "merge-file", "-p", "--diff3", *options, *_LABELS]
        try:
            done = subprocess.run(
                [*command, "mine", "base", "new"],
                cwd=place,
                env=_environment(place),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return -1, b"", f"it took more than {_PATIENCE} s"
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace").strip()


def _environment(place: Path) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return inherited | {
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_CEILING_DIRECTORIES": str(place.parent),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }
