"""Faults, switched on and off while the function runs."""

from playwright.sync_api import expect

from tests.console.conftest import address_of, opened


def test_rule_of_the_command_line_is_switched_off_and_on_on_every_page(console, browser):
    address = address_of(console, "faults")
    with opened(browser, address) as page, opened(browser, address) as other:
        rule = "GET faulty/*: 503"
        assert console.dev.get("/get/faulty/1").status_code == 503
        page.get_by_role("switch", name=rule).click()
        expect(other.get_by_role("switch", name=rule)).to_have_attribute("aria-checked", "false")
        assert console.dev.get("/get/faulty/1").status_code == 404
        other.get_by_role("switch", name=rule).click()
        expect(page.get_by_role("switch", name=rule)).to_have_attribute("aria-checked", "true")
        assert console.dev.get("/get/faulty/1").status_code == 503


def test_rule_is_added_and_a_wrong_one_is_explained(console, browser):
    with opened(browser, address_of(console, "faults")) as page:
        rule = page.get_by_label("Rule")
        rule.fill("GET brew: 418")
        page.get_by_role("button", name="Add").click()
        expect(page.get_by_text("'418' is not one of 429, 500, 503")).to_be_visible()
        rule.fill("get brew: 429 100%")
        page.get_by_role("button", name="Add").click()
        added = page.get_by_role("switch", name="GET brew: 429")
        expect(added).to_have_attribute("aria-checked", "true")
        assert console.dev.get("/get/brew").status_code == 429
        added.click()
        expect(added).to_have_attribute("aria-checked", "false")
        assert console.dev.get("/get/brew").status_code == 404
