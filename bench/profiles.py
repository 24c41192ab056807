"""Where the time goes: each generated session function under load, by whose code was running."""

import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.functions import ask, command, variables
from bench.places import BUILD, HERE, generated, peers, save
from bench.processes import Command, running
from bench.rig import Store, store
from kvgen.languages.toolchains import find_go, go_environment

_SECONDS = 5.0
_PATIENCE = 30.0  # seconds
_WORK = BUILD / "profiles"

# The first pattern that is found in the place of a frame, or in its function, names it.
_JAVASCRIPT = {
    "writev|writeLatin1String|writeUtf8String|writeBuffer": "writing to sockets",
    "garbage": "garbage collection",
    "undici|webstreams|abort|event_target": "Headers, Response",
    "_http_client|_http_agent": "node:http, client",
    "_http_": "node:http, server and both",
    "internal:streams|node:internal/streams|stream_base|node:net|node:events": "streams and events",
    "file:": "the function's own files",
}
_PYTHON = {
    "_SelectorSocketTransport.write": "writing to sockets",
    "aiohttp|yarl|multidict": "aiohttp, the client",
    "hypercorn|func_python|languages.python.host": "hypercorn, the host",
    "h11": "h11, the host's parser",
    "asyncio|selectors": "asyncio",
    r"\(json": "json",
    "function/": "the function's own files",
}
_GO = {
    r"^(internal/runtime/)?syscall|^internal/poll|^net\.": "writing to and reading from sockets",
    r"^runtime\.(gc|mark|scan|grey|bgsweep|sweep|wb|mallocgc|memclr|next|heap)": "memory",
    r"^runtime|^internal/runtime|^sync|^aeshash|^memeq": "goroutines and the rest of the runtime",
    r"^net/http|^net/textproto|^bufio|^net/url": "net/http",
    "^encoding/json|^reflect|^strconv|^unicode": "encoding/json",
    "^function": "the function's own files",
}


def run() -> dict[str, Any]:
    """Profile a function of each language at 16 connections; shares in per cent of CPU time."""
    shutil.rmtree(_WORK, ignore_errors=True)
    _WORK.mkdir(parents=True)
    with store() as kv:
        figures = {"javascript": _javascript(kv), "python": _python(kv), "go": _go(kv)}
    return save("profiles", figures)


def _javascript(kv: Store) -> list[tuple[str, float]]:
    start = command("kvgen", "session", "javascript")
    node, *rest = start.arguments
    # Node writes its profile as it exits, which SIGKILL would keep it from.
    leave = "data:text/javascript,process.once('SIGUSR2', () => process.exit(0))"
    options = [node, "--cpu-prof", f"--cpu-prof-dir={_WORK}", "--import", leave]
    _load_until(kv, replace(start, arguments=[*options, *rest]), signal.SIGUSR2)
    profile = json.loads(next(_WORK.glob("*.cpuprofile")).read_text())
    frames = {node["id"]: node["callFrame"] for node in profile["nodes"]}
    samples: Counter[str] = Counter()
    for sample, microseconds in zip(profile["samples"], profile["timeDeltas"], strict=True):
        frame = frames[sample]
        if frame["functionName"] not in ("(idle)", "(program)"):
            samples[f"{frame['functionName']} {frame['url']}"] += microseconds
    return _shares(samples, _JAVASCRIPT)


def _python(kv: Store) -> list[tuple[str, float]]:
    output = _WORK / "python.txt"
    with running(command("kvgen", "session", "python"), variables(kv, "profile", "session")) as own:
        how = {"seconds": _SECONDS + 2}
        load = threading.Thread(target=ask, args=(own.port, "session", 16), kwargs=how)
        load.start()
        spy = [str(peers() / "py-spy"), "record", "--pid", str(own.pid), "--format", "raw"]
        spy += ["--rate", "200", "--duration", str(int(_SECONDS)), "--output", str(output)]
        subprocess.run(spy, check=True, capture_output=True)
        load.join()
    samples: Counter[str] = Counter()
    for line in output.read_text().splitlines():
        stack, _, count = line.rpartition(" ")
        samples[stack.rpartition(";")[2]] += int(count)
    return _shares(samples, _PYTHON)


def _go(kv: Store) -> list[tuple[str, float]]:
    module, profile = _WORK / "go", _WORK / "go.pprof"
    module.mkdir()
    shutil.copy(HERE / "pprof" / "main.go", module)
    own = generated("session", "go")
    (module / "go.mod").write_text(
        f"module host\n\ngo 1.24\n\nrequire function v0.0.0\n\nreplace function => {own}\n"
    )
    go, environment = str(find_go()), go_environment()
    binary = str(module / "host")
    subprocess.run([go, "build", "-o", binary, "."], cwd=module, env=environment, check=True)
    _load_until(kv, Command("go", own, [binary, str(profile)]), signal.SIGTERM)
    top = [go, "tool", "pprof", "-top", "-nodecount=1000", "-unit=ms", binary, str(profile)]
    shown = subprocess.run(top, env=environment, check=True, capture_output=True, text=True).stdout
    samples: Counter[str] = Counter()
    for milliseconds, name in re.findall(
        r"^\s*([\d.]+)ms.*%\s+(\S+)(?: \(inline\))?$", shown, re.M
    ):
        samples[name] += round(float(milliseconds))
    return _shares(samples, _GO)


def _load_until(kv: Store, start: Command, number: int) -> None:
    """Load a function, then send it a signal upon which it writes its profile and ends."""
    with running(start, variables(kv, "profile", "session")) as function:
        ask(function.port, "session", 16, seconds=_SECONDS)
        os.kill(function.pid, number)
        deadline = time.monotonic() + _PATIENCE
        while Path(f"/proc/{function.pid}/exe").exists():  # gone already while it is a zombie
            if time.monotonic() > deadline:
                raise SystemExit(f"{start.folder} did not end when it was told to")
            time.sleep(0.01)


def _shares(samples: Counter[str], names: dict[str, str]) -> list[tuple[str, float]]:
    grouped: Counter[str] = Counter()
    for place, count in samples.items():
        grouped[_named(place, names)] += count
    return [(name, round(100 * n / grouped.total(), 1)) for name, n in grouped.most_common(8)]


def _named(place: str, names: dict[str, str]) -> str:
    found = (name for pattern, name in names.items() if re.search(pattern, place))
    return next(found, "everything else")
