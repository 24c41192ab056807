// Verifies an event by the vendor's package from npm, as it is, and prints the event.
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";

const require = createRequire(`${process.env.TOOLS}/`);
const { default: Telnyx } = await import(require.resolve("telnyx"));

const { body, headers, publicKey } = JSON.parse(await text(process.stdin));
const { webhooks } = new Telnyx({ apiKey: "unused", publicKey });
console.log(JSON.stringify(await webhooks.unwrap(body, { headers })));
