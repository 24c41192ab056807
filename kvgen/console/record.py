"""What `kvgen dev` reports, as the journal has it."""

import codecs

from kvgen.console.journal import Journal
from kvgen.dev.events import Broken, Changed, Event, NotSent, Printed, Ready, StoodIn
from kvgen.dev.tap import Answered
from kvgen.kv.app import Call

_LONGEST_PART = 4096  # characters of a line that has no end yet


class Recorder:
    """Takes events one after the other; what a function prints is put together to lines."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lines = {1: _Lines(), 2: _Lines()}

    def record(self, event: Event) -> None:
        """Enter an event."""
        match event:
            case Answered(method, target, status, milliseconds, began):
                self._journal.request(method, target, status, milliseconds, began)
            case Call():
                self._journal.call(event)
            case Printed(stream, data):
                if lines := self._lines[stream].complete(data):
                    self._journal.log(lines)
            case Changed(paths):
                shown = ", ".join(paths[:3]) + (", …" if len(paths) > 3 else "")
                self._journal.note(f"{shown} changed")
            case Ready(url, _, is_reload):
                self._journal.note("Reloaded." if is_reload else f"Ready on {url}", "good")
            case StoodIn(variable):
                self._journal.note(f"{variable} is still the placeholder: a stand-in answers.")
            case NotSent(error):
                self._journal.note(error.message, "error")
            case Broken(error, still_serving):
                rest = "\nThe one from before still answers." if still_serving else ""
                self._journal.note(error.message + rest, "error")


class _Lines:
    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""

    def complete(self, data: bytes) -> list[str]:
        """Return the lines that end with this; their last part is kept for the next time."""
        *lines, self._rest = (self._rest + self._decoder.decode(data)).split("\n")
        self._rest = self._rest[:_LONGEST_PART]
        return [line for line in lines if line.strip()]
