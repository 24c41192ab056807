"""Flags as switches: those that are set, and those that the function names."""

import pytest
from playwright.sync_api import expect

from tests.console.conftest import address_of, opened, running_console
from tests.dev.conftest import scaffolded


@pytest.fixture
def flags(browser, console):
    with opened(browser, address_of(console, "flags")) as page:
        yield page


def test_flag_is_switched_for_the_function_and_for_every_page(console, flags, browser):
    console.put("flag/beta", "false")
    switch = flags.get_by_role("switch", name="beta")
    expect(switch).to_have_attribute("aria-checked", "false")
    with opened(browser, address_of(console, "flags")) as other:
        switch.click()
        for page in (flags, other):
            named = page.get_by_role("switch", name="beta")
            expect(named).to_have_attribute("aria-checked", "true")
        assert console.get("flag/beta")["text"] == "true"
        other.get_by_role("switch", name="beta").click()
        expect(switch).to_have_attribute("aria-checked", "false")
        assert console.get("flag/beta")["text"] == "false"


def test_flag_that_is_asked_for_and_not_set_is_there_and_can_be_unset_again(console, flags):
    console.dev.get("/get/flag/asked")
    row = flags.get_by_role("listitem").filter(has_text="asked")
    expect(row).to_contain_text("not set")
    row.get_by_role("switch").click()
    expect(row).to_contain_text("on")
    row.get_by_role("button", name="Unset asked").click()
    expect(row).to_contain_text("not set")
    assert console.http.get("keys/flag/asked").status_code == 404


def test_value_that_is_neither_is_told_from_off(console, flags):
    console.put("flag/odd", "perhaps")
    expect(flags.get_by_role("listitem").filter(has_text="odd")).to_contain_text("“perhaps”")


def test_flag_of_the_folder_is_there_before_any_request(browser, tmp_path):
    folder = scaffolded(tmp_path / "function", "flag", "javascript", "--flag", "fresh")
    with (
        running_console(folder) as console,
        opened(browser, address_of(console, "flags")) as page,
    ):
        page.get_by_role("switch", name="fresh").click()
        expect(page.get_by_text("fresh is on.")).to_be_visible()
        assert console.dev.get("/").headers["x-flag"] == "fresh=on"
