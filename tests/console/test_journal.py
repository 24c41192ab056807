"""The journal, with a clock that is passed in: what belongs to which request."""

import asyncio
import json

import pytest

from kvgen.console.bus import Bus
from kvgen.console.journal import MOST_ENTRIES, Journal
from kvgen.console.record import Recorder
from kvgen.dev.events import Broken, Changed, Printed, Ready
from kvgen.dev.tap import Answered
from kvgen.errors import KvgenError
from kvgen.kv.app import Call


class _Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return _Clock()


@pytest.fixture
def journal(clock):
    return Journal(Bus(), clock)


def _call(key):
    return Call("GET", "n", key, 200, 1.0, 4)


def _request(journal, clock, target, seconds):
    journal.request("GET", target, 200, seconds * 1000, clock.now - seconds)


def test_request_has_the_calls_since_it_began_and_no_earlier_ones(journal, clock):
    journal.call(_call("before"))
    clock.now = 1001.0
    journal.call(_call("first"))
    journal.call(_call("second"))
    clock.now = 1001.5
    _request(journal, clock, "/", 1.0)
    before, request = journal.entries()
    assert before["key"] == "before"
    assert [call["key"] for call in request["calls"]] == ["first", "second"]
    assert request["claims"] == [call["id"] for call in request["calls"]]
    assert not request["concurrent"]


def test_request_that_is_noted_late_has_its_calls_all_the_same(journal, clock):
    began = clock.now
    journal.call(_call("its own"))
    clock.now += 60
    journal.request("GET", "/", 200, 10.0, began)
    (request,) = journal.entries()
    assert [call["key"] for call in request["calls"]] == ["its own"]


def test_requests_that_ran_at_the_same_time_say_so(journal, clock):
    journal.call(_call("whose"))
    _request(journal, clock, "/first", 1.0)
    clock.now += 0.5
    _request(journal, clock, "/second", 1.0)
    clock.now += 2
    _request(journal, clock, "/alone", 1.0)
    assert [entry["concurrent"] for entry in journal.entries()] == [True, True, False]


def test_oldest_entries_are_forgotten(journal, clock):
    for number in range(MOST_ENTRIES + 3):
        clock.now += 1
        _request(journal, clock, f"/{number}", 0.1)
    entries = journal.entries()
    assert len(entries) == MOST_ENTRIES
    assert entries[0]["target"] == "/3"


def test_log_lines_are_whole_and_belong_to_the_request_that_they_came_with(journal, clock):
    recorder = Recorder(journal)
    recorder.record(Printed(2, "caf\u00e9 ".encode()[:4]))
    recorder.record(Printed(1, b"other\n"))
    recorder.record(Printed(2, "\u00e9 is\nclosed\nhalf".encode()[1:]))
    recorder.record(Answered("GET", "/", 500, 10.0, clock.now - 0.01))
    clock.now += 0.1
    recorder.record(Printed(2, b" a line\n"))
    clock.now += 1
    recorder.record(Printed(2, b"later\n"))
    failed, later = journal.entries()
    assert failed["lines"] == ["other", "caf\u00e9 is", "closed", "half a line"]
    assert later["lines"] == ["later"]


def test_log_and_notes_are_bounded(journal):
    recorder = Recorder(journal)
    recorder.record(Printed(1, b"x" * 100_000))
    recorder.record(Printed(1, b"\n" + b"y\n" * 1000))
    (entry,) = journal.entries()
    assert len(entry["lines"]) == 50
    assert len(entry["lines"][0]) == 1000


def test_reload_and_mistake_are_notes(journal):
    recorder = Recorder(journal)
    for event in (
        Ready("http://f", "http://kv", is_reload=False),
        Changed(("a", "b", "c", "d")),
        Broken(KvgenError("line 1: no"), still_serving=True),
        Ready("http://f", "http://kv", is_reload=True),
    ):
        recorder.record(event)
    assert [(entry["level"], entry["text"]) for entry in journal.entries()] == [
        ("good", "Ready on http://f"),
        ("info", "a, b, c, … changed"),
        ("error", "line 1: no\nThe one from before still answers."),
        ("good", "Reloaded."),
    ]


def test_stream_that_is_not_read_ends_and_holds_up_no_other():
    async def run():
        bus = Bus()
        slow, quick = bus.stream(b"first"), bus.stream(b"first")
        assert await anext(quick) == b"first"
        for number in range(1500):
            bus.publish(number=number)
            assert json.loads((await anext(quick)).removeprefix(b"data: ")) == {"number": number}
        assert [piece async for piece in slow] == []
        bus.close()
        assert [piece async for piece in quick] == []

    asyncio.run(run())
