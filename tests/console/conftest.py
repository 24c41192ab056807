"""A console in a real browser, in front of a function that does what a test wants to see."""

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.dev.conftest import Dev, developing
from tests.dev.functions import written
from tests.kv.conftest import Served, served
from tests.tools import CHROMIUM

expect.set_options(timeout=20_000)

_ARGUMENTS = ["--no-sandbox", "--no-zygote", "--disable-gpu", "--font-render-hinting=none"]

_HANDLER = """\
const kv = `${process.env.TELNYX_BASE_URL}/v2/storage/kvs/${process.env.KV_NAMESPACE_ID}/keys/`;
const headers = { authorization: `Bearer ${process.env.TELNYX_API_KEY}` };

export async function answer(request, response) {
  const { pathname } = new URL(request.url, "http://function");
  if (pathname.startsWith("/put/")) {
    await fetch(kv + pathname.slice(5), { method: "PUT", body: "kept", headers });
  }
  if (pathname.startsWith("/get/")) {
    response.statusCode = (await fetch(kv + pathname.slice(5), { headers })).status;
  }
  if (pathname === "/fail") {
    console.error("the reason: <b>no tea</b>");
    response.statusCode = 500;
  }
  if (pathname === "/echo") {
    response.setHeader("X-Had", request.headers["x-given"] ?? "nothing");
    return request.pipe(response);
  }
  response.end(JSON.stringify({ word: process.env.WORD }));
}
"""


class Console:
    """A `kvgen dev`, and its console: over HTTP with its token, and as a page."""

    def __init__(self, dev: Dev) -> None:
        self.dev = dev
        match = re.search(r"Console: ((http://127\.0\.0\.1:\d+)/#token=(\w+))\n", dev.output)
        assert match, dev.output
        self.address, self.url, self.token = match.groups()
        self.http = httpx.Client(
            base_url=f"{self.url}/console/api/",
            headers={"Authorization": f"Bearer {self.token}"},
            trust_env=False,
            timeout=20,
        )

    def put(self, key: str, value: bytes | str, **query: int) -> None:
        self.http.put(f"keys/{key}", content=value, params=query).raise_for_status()

    def get(self, key: str) -> dict[str, object]:
        shown: dict[str, object] = self.http.get(f"keys/{key}").raise_for_status().json()
        return shown

    def empty(self) -> None:
        """Delete all keys and entries."""
        for row in self.http.get("keys").json()["keys"]:
            self.http.delete(f"keys/{row['key']}").raise_for_status()
        self.http.delete("entries").raise_for_status()


def address_of(console: Console, section: str) -> str:
    return f"{console.address}&section={section}"


@contextlib.contextmanager
def running_console(folder: Path, *options: str) -> Iterator[Console]:
    # A proxy, which no request to this machine goes through.
    with developing(folder, "--port", "0", *options, http_proxy="http://127.0.0.1:9") as dev:
        dev.says("Ready on")
        console = Console(dev)
        with console.http:
            yield console


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = written(tmp_path_factory.mktemp("console") / "function", "javascript")
    (folder / "handler.js").write_text(_HANDLER, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[Console]:
    with running_console(folder, "--fault", "GET faulty/*: 503", "--fault", "* never: cut") as it:
        yield it
        assert "Traceback" not in it.dev.output


@pytest.fixture
def console(running: Console) -> Console:
    running.empty()
    return running


@contextlib.contextmanager
def launched() -> Iterator[Browser]:
    """Start a browser: KVGEN_BROWSER, or the one that the set-up has unpacked."""
    elsewhere = os.environ.get("KVGEN_BROWSER")
    own = {
        "LD_LIBRARY_PATH": str(CHROMIUM / "al2023" / "lib"),
        "FONTCONFIG_FILE": str(CHROMIUM / "fonts.conf"),
    }
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=elsewhere or CHROMIUM / "chromium",
            env={**os.environ, **({} if elsewhere else own)},
            args=_ARGUMENTS,
        )
        yield started
        started.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for a module: playwright's event loop is in the way of everything else."""
    with launched() as started:
        yield started


@contextlib.contextmanager
def opened(browser: Browser, address: str, **options: object) -> Iterator[Page]:
    """Open a page of its own; what its scripts complain of fails the test."""
    context = browser.new_context(**options)  # type: ignore[arg-type]
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text))
    try:
        page.goto(address)
        yield page
        # What the browser itself says of requests that fail is for the tests of these.
        assert not [said for said in complaints if "Failed to load resource" not in said]
    finally:
        context.close()


@pytest.fixture
def page(browser: Browser, console: Console) -> Iterator[Page]:
    with opened(browser, console.address) as page:
        expect(page.get_by_role("status").first).to_have_text("Connected")
        yield page


def go_to(page: Page, section: str) -> None:
    page.get_by_role("navigation").get_by_role("link", name=section, exact=True).click()


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[tuple[str, Served]]:
    """A `kvgen kv serve --console`: the page's address, and the KV."""
    with served(tmp_path / "kv.db", "--console") as kv:
        yield kv.said["console"], kv
