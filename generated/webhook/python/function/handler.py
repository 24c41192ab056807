"""The function itself."""

import logging

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from function.webhook import WebhookEvent, process_once, receive_event

WEBHOOK_TOLERANCE = 300  # 5 minutes
WEBHOOK_DEDUPE = 86400  # 24 hours
NO_STORE = {"Cache-Control": "no-store"}

logger = logging.getLogger(__name__)


async def handler(request: Request) -> Response:
    """Receive an event from Telnyx, and process it unless it was processed before."""
    if request.method != "POST":
        raise HTTPException(405, "method not allowed", {"Allow": "POST"})

    # Verify the signature; anything else is refused
    event = await receive_event(request, WEBHOOK_TOLERANCE)

    # Process the event once; its id is remembered
    is_new = await process_once(
        event["id"], WEBHOOK_DEDUPE, lambda: process_event(event)
    )
    status = "processed" if is_new else "duplicate"
    return JSONResponse({"status": status}, headers=NO_STORE)


async def process_event(event: WebhookEvent) -> None:
    """Your code for an event. If it raises, Telnyx delivers the event again."""
    match event["event_type"]:
        case "message.received":  # event["payload"]["text"], ["from"]["phone_number"]
            logger.info("message received")
        case "call.initiated":  # event["payload"]["call_control_id"], ["from"]
            logger.info("call initiated")
