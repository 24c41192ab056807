"""What is in a value, for a person. Pure."""

import base64
import json

import pytest

from kvgen.console.decoding import decoded, dump
from kvgen.kv.envelope import wrap


@pytest.mark.parametrize(
    ("content", "form", "text"),
    [
        (b'{"a":[1,"\xc3\xa9"]}', "json", '{\n  "a": [\n    1,\n    "\u00e9"\n  ]\n}'),
        (b"true", "text", "true"),
        (b"", "text", ""),
        (b"{not json", "text", "{not json"),
        (b'{"a": NaN}', "text", '{"a": NaN}'),
        (b"[" * 100_000, "text", "[" * 100_000),
        (b"tab\tand\nline", "text", "tab\tand\nline"),
        (b"\x1b[31m", "binary", f"000000  {'1b 5b 33 31 6d':<48} .[31m"),
        (b"\xff", "binary", f"000000  {'ff':<48} ."),
    ],
    ids=range(9),
)
def test_content_has_its_form_in_an_envelope_or_not(content, form, text):
    shown = decoded(content)
    assert (shown["form"], shown["text"], shown["expires_at"]) == (form, text, None)
    if form != "binary":
        shown = decoded(wrap(content.decode(), 17))
        assert (shown["form"], shown["text"], shown["expires_at"]) == (form, text, 17)


_ENTRY = {"status": 200, "headers": [["A", "b"]], "stored_at": 5, "encoding": "utf-8", "body": "{}"}


def test_entry_of_the_cache_is_a_response():
    shown = decoded(json.dumps(_ENTRY).encode())
    assert shown["form"] == "response"
    assert shown["response"]["headers"] == [["A", "b"]]
    assert shown["response"]["body"] == {"form": "json", "text": "{}"}
    binary = {**_ENTRY, "encoding": "base64", "body": base64.b64encode(b"\xff").decode()}
    body = decoded(json.dumps(binary).encode())["response"]["body"]
    assert body == {"form": "binary", "text": f"000000  {'ff':<48} ."}


@pytest.mark.parametrize(
    "change",
    [
        {"headers": 1},
        {"headers": ["a"]},
        {"body": 1},
        {"encoding": "base64", "body": "*"},
        {"x": 1},
    ],
    ids=str,
)
def test_what_only_looks_like_an_entry_is_json(change):
    assert decoded(json.dumps({**_ENTRY, **change}).encode())["form"] == "json"


def test_long_dump_says_how_much_there_is():
    rows = dump(b"\x00" * 20_000).splitlines()
    assert len(rows) == 16_384 // 16 + 1
    assert rows[-1] == "\u2026 and 3,616 more bytes"
