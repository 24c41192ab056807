"""The bodies of the console's own calls: JSON objects of a bounded size."""

import json
from typing import Any

from starlette.requests import Request

from kvgen.kv.problems import Problem


async def members(request: Request, most: int, **kinds: type) -> list[Any]:
    """Read the body; returns the named members in their order, each of which has to be of its kind.

    Raises Problem for anything else, and for more than ``most`` bytes.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise Problem(413, f"The body has at most {most} bytes.")
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise Problem(400, "The body is no JSON object.")
    for name, kind in kinds.items():
        if not isinstance(values.get(name), kind):
            raise Problem(400, f"{name} is missing or no {kind.__name__}.")
    return [values[name] for name in kinds]
