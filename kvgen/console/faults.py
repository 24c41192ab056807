"""The rules of --fault, to be switched on and off, and others beside them."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from kvgen.console.app import Calls
from kvgen.console.bodies import members
from kvgen.console.bus import Bus
from kvgen.errors import InvalidAnswerError
from kvgen.kv.faults import Faults, Rule, parse_fault
from kvgen.kv.problems import Problem

_MOST_RULES = 50
_LONGEST_BODY = 4096


class FaultSwitches:
    """The rules of a KV that runs."""

    def __init__(self, faults: Faults, bus: Bus) -> None:
        self._faults, self._bus = faults, bus
        self.calls: Calls = {"faults": {"POST": self._add}, "faults/": {"PUT": self._switch}}

    def rows(self) -> list[dict[str, Any]]:
        """Return the rules in their order."""
        return [{"rule": str(rule.fault), "on": rule.is_on} for rule in self._faults.rules]

    async def _add(self, request: Request) -> Response:
        (text,) = await members(request, _LONGEST_BODY, rule=str)
        if len(self._faults.rules) >= _MOST_RULES:
            raise Problem(409, f"There are {_MOST_RULES} rules already.")
        try:
            self._faults.rules.append(Rule(parse_fault(text)))
        except InvalidAnswerError as error:
            raise Problem(400, error.message) from None
        return self._changed(201)

    async def _switch(self, request: Request) -> Response:
        (is_on,) = await members(request, _LONGEST_BODY, on=bool)
        number = request.path_params["key"]
        if not number.isascii() or not number.isdigit() or int(number) >= len(self._faults.rules):
            raise Problem(404, "There is no such rule.")
        self._faults.rules[int(number)].is_on = is_on
        return self._changed(204)

    def _changed(self, status: int) -> Response:
        self._bus.publish(type="faults", faults=self.rows())
        return Response(status_code=status)
