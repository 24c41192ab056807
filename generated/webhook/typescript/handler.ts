import { processOnce, receiveEvent, type WebhookEvent } from "./webhook.ts";

const WEBHOOK_TOLERANCE = 300; // 5 minutes
const WEBHOOK_DEDUPE = 86400; // 24 hours

/** Receives an event from Telnyx, and processes it unless it was processed before. */
export async function handler(request: Request): Promise<Response> {
  if (request.method !== "POST") {
    return json(405, { error: "method not allowed" }, { Allow: "POST" });
  }

  // Verify the signature; anything else is refused
  const event = await receiveEvent(request, WEBHOOK_TOLERANCE);

  // Process the event once; its id is remembered
  const effect = () => processEvent(event);
  const isNew = await processOnce(event.id, WEBHOOK_DEDUPE, effect);
  return json(200, { status: isNew ? "processed" : "duplicate" });
}

/** Your code for an event. If it throws, Telnyx delivers the event again. */
async function processEvent(event: WebhookEvent) {
  switch (event.event_type) {
    case "message.received": // event.payload.text, event.payload.from.phone_number
      console.log("message received");
      break;
    case "call.initiated": // event.payload.call_control_id, event.payload.from
      console.log("call initiated");
      break;
  }
}

function json(status: number, value: object, headers = {}) {
  const noStore = { "Cache-Control": "no-store", ...headers };
  return Response.json(value, { status, headers: noStore });
}
