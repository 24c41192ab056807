"""A request from the page to the function, and the same for curl."""

import shlex
import subprocess

import pytest
from playwright.sync_api import expect

from tests.console.conftest import address_of, go_to, opened


@pytest.fixture
def send(browser, console):
    with opened(browser, address_of(console, "send")) as page:
        expect(page.get_by_role("heading", name="Send a request")).to_be_visible()
        yield page


def _fill(page, method, path, headers="", body=""):
    page.get_by_role("combobox", name="Method").select_option(method)
    page.get_by_label("Path and query").fill(path)
    page.get_by_role("textbox", name="Headers").fill(headers)
    page.get_by_role("textbox", name="Body").fill(body)


def test_request_reaches_the_function_and_its_response_is_shown(console, send):
    _fill(send, "POST", "/echo?x=1", "X-Given: it's: this", '{"a": [1]}')
    send.get_by_role("button", name="Send").click()
    response = send.locator("#response")
    expect(response).to_contain_text("200 OK")
    expect(response.get_by_role("row", name="x-had it's: this")).to_be_visible()
    expect(response.locator("pre")).to_have_text('{\n  "a": [\n    1\n  ]\n}')
    go_to(send, "Requests")
    expect(send.get_by_text("/echo?x=1", exact=True)).to_be_visible()


def test_curl_command_does_the_same(console, send):
    send.context.grant_permissions(["clipboard-read", "clipboard-write"])
    _fill(send, "PUT", "/echo?a=1&b=it's", "X-Given: $HOME `id`", 'it\'s "a" body')
    send.get_by_role("button", name="Copy as curl").click()
    expect(send.get_by_text("Copied.")).to_be_visible()
    command = send.evaluate("navigator.clipboard.readText()")
    assert command == send.get_by_label("The same request for curl").inner_text()
    words = shlex.split(command)
    assert words[:4] == ["curl", "-i", "-X", "PUT"]
    # Whatever a shell makes of it, nothing of it is run.
    printed = subprocess.check_output(["sh", "-c", f"printf '%s\\n' {command}"], text=True)
    assert printed.splitlines() == words
    assert words[4:] == [
        *("-H", "X-Given: $HOME `id`", "--data-raw", 'it\'s "a" body'),
        f"{console.dev.url.replace('localhost', '127.0.0.1')}/echo?a=1&b=it's",
    ]


def test_request_that_cannot_be_sent_is_explained(send):
    _fill(send, "GET", "/", "No header: ok")
    send.get_by_role("button", name="Send").click()
    expect(send.get_by_text("The request cannot be sent:")).to_be_visible()
