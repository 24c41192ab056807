"""The keys: listed, opened, written and deleted in a browser, and what the KV then holds."""

import json
import time

import pytest
from playwright.sync_api import expect

from kvgen.kv.envelope import wrap
from tests.conftest import kvgen_process
from tests.console.conftest import address_of, opened

_ENTRY = {
    "status": 203,
    "headers": [["Content-Type", "text/plain"], ["X-Of", "the origin"]],
    "stored_at": 1795494662864,
    "encoding": "utf-8",
    "body": "a cached body",
}


@pytest.fixture
def keys(browser, console):
    with opened(browser, address_of(console, "keys")) as page:
        expect(page.get_by_text("There is no key yet.")).to_be_visible()
        yield page


def _rows(page):
    return page.get_by_role("table", name="Keys").locator("tbody tr")


def _open(page, key):
    page.get_by_role("button", name=key, exact=True).click()
    return page.get_by_role("article", name=key)


def test_keys_are_listed_with_size_age_and_lifetime_and_found_by_prefix(console, keys):
    console.put("cart/1", "12345")
    console.put("session/a", "1", ttl_secs=7200)
    console.put("session/b", wrap("{}", int(time.time() * 1000) + 90_500))
    expect(_rows(keys)).to_have_count(3)
    expect(_rows(keys).nth(0)).to_contain_text("cart/15 B")
    expect(_rows(keys).nth(1)).to_contain_text("in 1h 59m")
    expect(_rows(keys).nth(2)).to_contain_text("in 1m 29s")
    expect(_rows(keys).nth(2)).to_contain_text("in 1m 28s")  # it counts down
    keys.get_by_label("Keys that start with").fill("session/")
    expect(_rows(keys)).to_have_count(2)
    keys.get_by_label("Keys that start with").fill("none")
    expect(keys.get_by_text("No key starts with this.")).to_be_visible()


def test_many_keys_come_in_pages(console, keys):
    for number in range(101):
        console.put(f"many/{number:03}", "")
    expect(_rows(keys)).to_have_count(50)
    keys.get_by_role("button", name="Next").click()
    expect(keys.get_by_text("Page 2")).to_be_visible()
    keys.get_by_role("button", name="Next").click()
    expect(_rows(keys)).to_have_count(1)
    expect(_rows(keys)).to_contain_text("many/100")
    expect(keys.get_by_role("button", name="Next")).to_be_disabled()
    keys.get_by_role("button", name="Previous").click()
    expect(_rows(keys).first).to_contain_text("many/050")
    for number in range(101):
        console.http.delete(f"keys/many/{number:03}")


def test_value_is_shown_as_what_it_is_and_as_it_is_stored(console, keys):
    later = int(time.time() * 1000) + 3_600_000
    enveloped = wrap('{"views":3}', later)
    console.put("enveloped", enveloped)
    console.put("entry", wrap(json.dumps(_ENTRY), later))
    console.put("binary", b"\x00\xffkvgen")
    console.put("markup", "<b>bold</b>")
    value = _open(keys, "enveloped")
    expect(value.locator("pre")).to_have_text('{\n  "views": 3\n}')
    expect(value).to_contain_text("in 59m 5")
    expect(value.locator("dd").last).to_have_text("envelope")
    value.get_by_role("button", name="Raw").click()
    expect(value.locator("pre")).to_have_text(enveloped.decode())
    value = _open(keys, "entry")
    expect(value).to_contain_text("Cached response: 203")
    expect(value.get_by_role("row", name="X-Of the origin")).to_be_visible()
    expect(value.locator("pre")).to_have_text("a cached body")
    value = _open(keys, "binary")
    expect(value.locator("pre")).to_contain_text("000000  00 ff 6b 76 67 65 6e")
    expect(value.get_by_role("button", name="Edit")).to_be_disabled()
    value = _open(keys, "markup")
    expect(value.locator("pre")).to_have_text("<b>bold</b>")


def test_key_is_created_edited_and_deleted(console, keys):
    keys.get_by_role("button", name="New key").click()
    form = keys.get_by_role("dialog", name="New key")
    form.get_by_label("Key").fill("cart/1")
    form.get_by_label("Value").fill('{"items": 1}')
    form.get_by_label("Lifetime in seconds").fill("600")
    form.get_by_role("button", name="Save").click()
    expect(keys.get_by_text("Saved cart/1.")).to_be_visible()
    made = console.get("cart/1")
    assert made["decoded"]["value"] == '{"items": 1}'
    assert made["has_ttl"]
    assert 590 < made["expires_at"] - time.time() <= 600

    _open(keys, "cart/1").get_by_role("button", name="Edit").click()
    form = keys.get_by_role("dialog", name="Edit the value")
    expect(form.get_by_label("Value")).to_have_value('{"items": 1}')
    form.get_by_label("Value").fill("two")
    form.get_by_label("Lifetime in seconds").fill("")
    form.get_by_role("button", name="Save").click()
    value = keys.get_by_role("article", name="cart/1")
    expect(value.locator("pre")).to_have_text("two")
    assert console.get("cart/1")["expires_at"] is None

    value.get_by_role("button", name="Delete").click()
    keys.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    assert console.get("cart/1")["text"] == "two"
    value.get_by_role("button", name="Delete").click()
    keys.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(keys.get_by_text("There is no key yet.")).to_be_visible()
    assert console.http.get("keys/cart/1").status_code == 404


def test_edited_value_keeps_its_content_type_and_how_its_lifetime_is_kept(console, keys):
    later = int(time.time() * 1000) + 600_000
    console.http.put("keys/a", content=wrap("x", later), headers={"Content-Type": "a/b"})
    _open(keys, "a").get_by_role("button", name="Edit").click()
    keys.get_by_role("dialog").get_by_label("Value").fill("y")
    keys.get_by_role("button", name="Save").click()
    expect(keys.get_by_text("Saved a.")).to_be_visible()
    edited = console.get("a")
    assert edited["decoded"]["value"] == "y"
    assert abs(edited["decoded"]["expires_at"] - later) < 2000
    assert (edited["content_type"], edited["has_ttl"]) == ("a/b", False)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [("a:b", "", "A key has one or more of the characters"), ("a", "x" * 1_048_577, "at most")],
    ids=["key", "value"],
)
def test_limits_of_the_kv_hold_for_the_page(console, keys, key, value, said):
    keys.get_by_role("button", name="New key").click()
    form = keys.get_by_role("dialog")
    form.get_by_label("Key").fill(key)
    form.get_by_label("Value").evaluate("(area, value) => (area.value = value)", value)
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_contain_text(said)
    assert console.http.get("keys").json()["keys"] == []


def test_download_is_an_export_that_can_be_imported(console, keys, tmp_path):
    console.put("session/a", "text")
    console.put("session/b", b"\xff")
    console.put("cart/1", "1")
    keys.get_by_label("Keys that start with").fill("session/")
    expect(_rows(keys)).to_have_count(2)
    with keys.expect_download() as started:
        keys.get_by_role("button", name="Download").click()
    assert started.value.suggested_filename == "session.json"
    started.value.save_as(tmp_path / "session.json")
    for command in (["import", "session.json"], ["get", "session/b"]):
        with (tmp_path / "printed").open("wb") as sink:
            process = kvgen_process(
                ["kv", *command, "--data", "other.db"], cwd=tmp_path, stdout=sink
            )
            assert process.wait(20) == 0
    assert (tmp_path / "printed").read_bytes() == b"\xff"
    with keys.expect_download() as started:
        _open(keys, "session/a").get_by_role("button", name="Download").click()
    assert [item["key"] for item in json.loads(started.value.path().read_bytes())] == ["session/a"]


def test_sweep_deletes_what_has_expired_and_nothing_else(console, keys):
    console.put("old", wrap("x", 1))
    console.put("new", wrap("x", int(time.time() * 1000) + 600_000))
    console.put("plain", "x")
    expect(_rows(keys).filter(has_text="expired")).to_have_count(1)
    keys.get_by_role("button", name="Delete expired").click()
    expect(keys.get_by_text("Deleted 1 expired key.")).to_be_visible()
    expect(_rows(keys)).to_have_count(2)
    assert [row["key"] for row in console.http.get("keys").json()["keys"]] == ["new", "plain"]


def test_write_of_the_function_and_of_another_page_shows_on_all(console, keys, browser):
    with opened(browser, address_of(console, "keys")) as other:
        console.dev.get("/put/cart/1")
        for page in (keys, other):
            expect(_open(page, "cart/1").locator("pre")).to_have_text("kept")
        console.put("cart/1", "changed")
        for page in (keys, other):
            value = page.get_by_role("article", name="cart/1")
            expect(value.locator("pre")).to_have_text("changed")
        console.http.delete("keys/cart/1")
        for page in (keys, other):
            expect(page.get_by_text("cart/1 is gone.")).to_be_visible()
