"""Holds a KV to its own description, by schemathesis over HTTP."""

import subprocess
import sys
from pathlib import Path

from tests.kv.conftest import KEY, Served


def hold_to_description(kv: Served, work: Path, examples: int, seed: int) -> None:
    """Make ``examples`` calls of each operation, legal and illegal, and then chains of them.

    The KV has to let in ``KEY`` only. Fails with what schemathesis says of the first that is not
    as described.
    """
    namespace_id = kv.namespace().split("/")[4]
    doomed_id = kv.namespace().split("/")[4]
    config = work / "schemathesis.toml"
    # Made-up ids would lead to nothing but 404; the chains find those that they made.
    config.write_text(f"""
[parameters]
"path.id" = "{namespace_id}"
[[operations]]
include-operation-id = "deleteNamespace"
parameters = {{ "path.id" = "{doomed_id}" }}
""")
    _run(kv, work, config, "examples,coverage,fuzzing", examples, seed)
    config.write_text("")
    _run(kv, work, config, "stateful", examples, seed)


def _run(kv: Served, work: Path, config: Path, phases: str, examples: int, seed: int) -> None:
    command = [sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"]
    command += ["--config-file", str(config), "run", f"{kv.url}/openapi.json", "--no-color"]
    command += ["--header", f"Authorization: Bearer {KEY}", "--phases", phases]
    command += ["--max-examples", str(examples), "--seed", str(seed)]
    done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
