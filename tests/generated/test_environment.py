"""`.env.example` means the same to a shell, as the READMEs have it, and to `kvgen dev`."""

import subprocess
import tomllib

from dotenv import dotenv_values


def test_shell_and_dotenv_read_the_same_values_as_the_manifest_has(extreme_folders):
    for folder in (folder for folders in extreme_folders.values() for folder in folders):
        file = folder / ".env.example"
        values = dotenv_values(file, interpolate=False)
        manifest = tomllib.loads((folder / "func.toml").read_text())["env_vars"]
        assert manifest.items() <= values.items()
        assert _sourced(file) == values


def _sourced(file):
    command = ["sh", "-c", "set -a && . ./.env.example && env -0"]
    done = subprocess.run(command, cwd=file.parent, env={}, capture_output=True, check=True)
    pairs = (pair.partition("=")[::2] for pair in done.stdout.decode().split("\0") if pair)
    own = {"PWD", "OLDPWD", "SHLVL", "_"}  # what a shell sets by itself
    return {name: value for name, value in pairs if name not in own}
