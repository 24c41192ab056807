"""Takes the README's pictures of the console: `make screenshots`."""

import sys
import tempfile
from pathlib import Path

import httpx
from playwright.sync_api import Browser, expect

from tests.console.conftest import Console, address_of, launched, opened, running_console
from tests.dev.conftest import run_kvgen, scaffolded

_SIZE = {"width": 1120, "height": 620}
_ID = "7f2c9d41e0b84a6fa35d18c2b7e69f03"


def main(target: Path) -> None:
    """Write the pictures into a folder."""
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        folder = scaffolded(Path(place) / "shop", "session", "javascript")
        run_kvgen("add", "flag", str(folder))
        options = ("--fault", "PUT session/*: 503 25%", "--fault-seed", "3")
        with running_console(folder, *options) as console, launched() as browser:
            _fill(console)
            _take(browser, console, "requests", target)
            _take(browser, console, "keys", target)


def _fill(console: Console) -> None:
    console.put("flag/new-ui", "true")
    for target in ("/", "/cart?item=42", "/cart", "/checkout"):
        console.dev.get(target, **{"X-Session-ID": _ID})
        httpx.post(console.dev.url + target, trust_env=False)


def _take(browser: Browser, console: Console, section: str, target: Path) -> None:
    with opened(browser, address_of(console, section), viewport=_SIZE) as page:
        expect(page.locator("#connection")).to_have_text("Connected")
        if section == "keys":
            page.get_by_role("button", name=f"session/{_ID}").click()
            expect(page.get_by_role("article").locator("pre")).to_be_visible()
        else:
            expect(page.locator(".request").nth(7)).to_be_visible()
        page.mouse.move(0, 0)
        page.evaluate("document.activeElement.blur()")
        page.screenshot(path=target / f"{section}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
