"""The requests, as they happen: what a person sees of them in a browser."""

from playwright.sync_api import expect

from tests.console.conftest import opened
from tests.dev.functions import change


def _entries(page):
    return page.get_by_role("list", name="Requests, newest first").locator("> li:visible")


def test_request_appears_with_the_kv_calls_that_it_made(console, page):
    expect(page.get_by_text("Nothing yet.")).to_be_visible()
    console.dev.get("/put/cart/1?from=test")
    entry = _entries(page).first
    expect(entry.locator(".line")).to_contain_text("200GET/put/cart/1?from=test")
    expect(entry.locator(".call")).to_have_text(["201kv PUTcart/1" + _time(entry)])
    console.dev.get("/get/none")
    expect(_entries(page).first.locator(".call")).to_contain_text("404kv GETnone")
    expect(_entries(page)).to_have_count(2)
    expect(page.get_by_text("Nothing yet.")).to_be_hidden()


def _time(entry):
    return entry.locator(".call .ms").inner_text()


def test_failed_request_is_marked_and_has_what_the_function_said_as_text(console, page):
    assert console.dev.get("/fail").status_code == 500
    failed = _entries(page).first
    expect(failed).to_have_class("request failed")
    expect(failed.locator("pre")).to_have_text("the reason: <b>no tea</b>")
    colours = failed.evaluate(
        "(row) => [row.querySelector('pre'), row.querySelector('.status')]"
        ".map((part) => getComputedStyle(part).color)"
    )
    assert colours == ["rgb(179, 38, 30)"] * 2
    console.dev.says("the reason: <b>no tea</b>")


def test_call_of_no_request_stands_by_itself_and_shows_nothing_as_html(console, page):
    hostile = "<img src=x onerror=alert(1)>"
    console.dev.http.get(f"{console.url}/v2/storage/kvs/x/keys/{hostile}")
    expect(_entries(page).first).to_have_class("loose")
    expect(_entries(page).first).to_contain_text(hostile)
    assert page.locator("img").count() == 0


def test_reload_of_the_function_is_said_and_so_is_its_mistake(console, page, folder):
    change(folder, "second")
    expect(page.get_by_text("func.toml changed")).to_be_visible()
    expect(page.get_by_text("Reloaded.")).to_be_visible()
    handler = folder / "handler.js"
    good = handler.read_text()
    handler.write_text("export const = ;")
    expect(page.get_by_text("The one from before still answers.")).to_be_visible()
    assert console.dev.get("/").json() == {"word": "second"}
    handler.write_text(good)
    change(folder, "first")
    expect(page.get_by_text("Reloaded.").nth(1)).to_be_visible()


def test_filter_shows_what_has_the_text_and_what_comes_later_too(console, page):
    for path in ("/put/cart", "/fail", "/put/other"):
        console.dev.get(path)
    expect(_entries(page)).to_have_count(3)
    page.get_by_label("Filter").fill("CART")
    expect(_entries(page)).to_have_count(1)
    console.dev.get("/get/cart")
    console.dev.get("/get/other")
    expect(_entries(page)).to_have_count(2)
    page.get_by_label("Filter").fill("nothing like it")
    expect(page.get_by_text("Nothing matches the filter.")).to_be_visible()
    page.get_by_label("Filter").fill("")
    expect(_entries(page)).to_have_count(5)


def test_paused_list_stays_and_catches_up(console, page):
    console.dev.get("/before")
    expect(_entries(page)).to_have_count(1)
    page.get_by_role("button", name="Pause").click()
    console.dev.get("/meanwhile")
    resume = page.get_by_role("button", name="Resume (1)")
    expect(resume).to_have_attribute("aria-pressed", "true")
    expect(_entries(page)).to_have_count(1)
    resume.click()
    expect(_entries(page)).to_have_count(2)
    expect(_entries(page).first).to_contain_text("/meanwhile")


def test_two_pages_and_a_reloaded_one_agree_on_what_there_was_and_was_cleared(
    console, page, browser
):
    console.dev.get("/one")
    console.dev.get("/two")
    page.reload()
    with opened(browser, console.address) as other:
        for each in (page, other):
            expect(_entries(each)).to_have_count(2)
            expect(_entries(each).first).to_contain_text("/two")
        page.get_by_role("button", name="Clear").click()
        for each in (page, other):
            expect(_entries(each)).to_have_count(0)


def test_request_that_met_a_fault_says_so(console, page):
    assert console.dev.get("/get/faulty/1").status_code == 503
    entry = _entries(page).first
    expect(entry.locator(".line")).to_contain_text("met a fault")
    expect(entry.locator(".call")).to_contain_text("fault: 503")
