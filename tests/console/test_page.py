"""The page itself: for keyboards, narrow screens and dark ones, and without its server."""

import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect

import kvgen.console
from kvgen.languages.toolchains import find_node
from tests.console.conftest import address_of, go_to, opened, running_console
from tests.console.relay import Relay
from tests.tools import AXE, PRETTIER

_SECTIONS = ["Requests", "Keys", "Flags", "Send", "Faults"]
_NARROW = {"width": 360, "height": 640}
_PAGE = Path(kvgen.console.__file__).parent / "page"


@pytest.fixture
def filled(console):
    """A console that has something to show in each section."""
    console.put("session/0123456789abcdef0123456789abcdef" + "x" * 200, '{"views": 1}', ttl_secs=60)
    console.put("flag/beta", "true")
    console.dev.get("/put/session/0123456789abcdef0123456789abcdef?" + "long=" * 50)
    console.dev.get("/get/faulty/1")
    console.dev.get("/fail")
    return console


def _connection(page):
    return page.locator("#connection")


def _show(page, section):
    """Go to a section, and open what can be opened there."""
    go_to(page, section)
    expect(page.get_by_role("heading", level=1)).to_contain_text(section)
    if section == "Requests":
        expect(page.locator(".request")).to_have_count(3)
    if section == "Keys":
        page.get_by_role("button", name="session/").first.click()
        expect(page.get_by_role("article").locator("pre")).to_be_visible()
    if section == "Flags":
        expect(page.get_by_role("switch", name="beta")).to_be_visible()
    if section == "Send":
        page.get_by_role("button", name="Send", exact=True).click()
        expect(page.locator("#response pre")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_section_has_a_barrier_that_axe_knows(filled, browser, scheme):
    with opened(browser, filled.address, color_scheme=scheme) as page:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        for section in _SECTIONS:
            _show(page, section)
            assert _barriers(page) == [], section
        go_to(page, "Keys")
        page.get_by_role("button", name="New key").click()
        assert _barriers(page) == []


def _barriers(page):
    found = page.evaluate("axe.run()")["violations"]
    return [(one["id"], one["impact"], [node["html"] for node in one["nodes"]]) for one in found]


def test_nothing_is_wider_than_a_narrow_screen(filled, browser):
    with opened(browser, filled.address, viewport=_NARROW) as page:
        for section in _SECTIONS:
            _show(page, section)
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, section
        go_to(page, "Keys")
        page.get_by_role("button", name="Close").click()
        page.get_by_role("button", name="New key").click()
        box = page.get_by_role("dialog").bounding_box()
        assert box
        assert 0 <= box["x"] < box["x"] + box["width"] <= 360


def test_colours_are_those_that_the_reader_asks_for(console, browser):
    light = {}
    for scheme in ("light", "dark"):
        with opened(browser, console.address, color_scheme=scheme) as page:
            expect(_connection(page)).to_have_text("Connected")
            shades = page.evaluate(
                "[getComputedStyle(document.body).backgroundColor,"
                " getComputedStyle(document.body).color]"
            )
            light[scheme] = [sum(map(int, shade[4:-1].split(", "))) for shade in shades]
    assert light["light"][0] > light["light"][1]
    assert light["dark"][0] < light["dark"][1]


def test_keyboard_alone_makes_a_key_reads_it_and_deletes_it(console, browser):
    with opened(browser, console.address) as page:
        expect(_connection(page)).to_have_text("Connected")
        keys = page.keyboard
        keys.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        keys.press("Enter")
        expect(page.get_by_role("main")).to_be_focused()
        assert console.token in page.url
        _tab_to(page, "link", "Keys", back=True)
        keys.press("Enter")
        _tab_to(page, "button", "New key")
        keys.press("Enter")
        keys.type("made/by-hand")
        keys.press("Tab")
        keys.type("typed")
        _tab_to(page, "button", "Save")
        keys.press("Enter")
        expect(page.get_by_role("button", name="New key")).to_be_focused()
        expect(page.get_by_role("button", name="made/by-hand")).to_be_visible()
        _tab_to(page, "button", "made/by-hand")
        keys.press("Enter")
        expect(page.get_by_role("heading", name="made/by-hand")).to_be_focused()
        _tab_to(page, "button", "Delete")
        keys.press("Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
        keys.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
        assert console.get("made/by-hand")["text"] == "typed"
        expect(page.get_by_role("article").get_by_role("button", name="Delete")).to_be_focused()
        keys.press("Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
        keys.press("Enter")  # the first button of the dialog
        expect(page.get_by_text("There is no key yet.")).to_be_visible()


def test_question_that_is_asked_again_at_once_is_still_heard(console, browser):
    console.put("asked/twice", "typed")
    with opened(browser, address_of(console, "keys")) as page:
        page.get_by_role("button", name="asked/twice").click()
        page.get_by_role("article").get_by_role("button", name="Delete").click()
        # The browser tells of the closing later than it closes.
        page.evaluate(
            "() => { document.getElementById('question').close();"
            " document.getElementById('delete-value').click(); }"
        )
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        expect(page.get_by_text("There is no key yet.")).to_be_visible()


def test_keyboard_alone_flips_a_flag_and_keeps_its_place(console, browser):
    console.put("flag/beta", "false")
    with opened(browser, address_of(console, "flags")) as page:
        expect(page.get_by_role("switch", name="beta")).to_be_visible()
        _tab_to(page, "switch", "beta")
        for state in ("true", "false"):
            page.keyboard.press("Space")
            expect(page.get_by_role("switch")).to_have_attribute("aria-checked", state)
            expect(page.get_by_role("switch")).to_be_focused()


def _tab_to(page, role, name, back=False):
    wanted = page.get_by_role(role, name=name, exact=True)
    for _ in range(40):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        if wanted.evaluate("(element) => element === document.activeElement"):
            outline = wanted.evaluate("(element) => getComputedStyle(element).outlineStyle")
            assert outline != "none"
            return
    raise AssertionError(f"no Tab leads to {name}")


def test_lost_connection_is_shown_and_comes_back_with_what_happened_meanwhile(console, browser):
    with Relay(int(console.url.rsplit(":", 1)[1])) as relay:
        address = console.address.replace(console.url, relay.url)
        with opened(browser, address) as page:
            expect(_connection(page)).to_have_text("Connected")
            relay.cut()
            expect(_connection(page)).to_have_text("Connection lost, trying again…")
            console.dev.get("/meanwhile")
            go_to(page, "Keys")
            page.get_by_role("button", name="Delete expired").click()
            expect(page.get_by_text("The server cannot be reached.")).to_be_visible()
            relay.listen()
            expect(_connection(page)).to_have_text("Connected")
            go_to(page, "Requests")
            expect(page.get_by_text("/meanwhile")).to_be_visible()


def test_page_outlives_its_server(folder, browser):
    with running_console(folder) as console, opened(browser, console.address) as page:
        expect(_connection(page)).to_have_text("Connected")
        console.dev.stop()
        expect(_connection(page)).to_have_text("Connection lost, trying again…")


@pytest.mark.parametrize("token", ["", "#token=0123456789abcdef"])
def test_page_without_its_token_shows_nothing_and_says_what_to_do(console, browser, token):
    console.put("secret", "value")
    with opened(browser, f"{console.url}/{token}") as page:
        expect(page.get_by_role("heading", name="This page needs its token")).to_be_visible()
        expect(page.get_by_text("Open the address that kvgen has printed last.")).to_be_visible()
        assert page.get_by_role("navigation").get_by_role("link").count() == 0


def test_kv_by_itself_has_its_calls_and_no_form_for_requests(browser, serving):
    console, kv = serving
    with opened(browser, console) as page:
        expect(_connection(page)).to_have_text("Connected")
        kv.http.put(f"{kv.namespace()}/a", content=b"1")
        expect(page.locator(".loose").first).to_contain_text("kv PUTa")
        links = page.get_by_role("navigation").get_by_role("link")
        expect(links).to_have_text(["Requests", "Keys", "Flags", "Faults"])


def test_page_is_as_prettier_writes_it():
    files = [*_PAGE.glob("*.js"), *_PAGE.glob("*.css"), *_PAGE.glob("*.html")]
    assert len(files) > 10
    check = map(str, [find_node(), PRETTIER, "--check", *files])
    done = subprocess.run([*check], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
