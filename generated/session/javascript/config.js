import http from "node:http";
import https from "node:https";
import { isIPv6 } from "node:net";

// Stricter than a URL may be, so that it means one thing in every language and library.
const HOST = "[A-Za-z0-9][\\w.-]*|\\[[\\dA-Fa-f:.]+\\]";
const PATH = "(?:/(?:[\\w.~!$&'()*+,;=:@/-]|%[\\dA-Fa-f]{2})*)?";
const WEB_URL = new RegExp(`^(https?)://(${HOST})(?::(\\d{1,5}))?(${PATH})$`);

/** An environment variable that the function cannot do without is not set, or of no use. */
export class ConfigError extends Error {}

/** Returns the first of these environment variables that is not empty. */
export function readVariable(...names) {
  const name = names.find((candidate) => process.env[candidate]);
  if (name === undefined) throw new ConfigError(`${names[0]} is not set`);
  const value = process.env[name];
  if (/^[ -~]+$/.test(value)) return value;
  throw new ConfigError(`${name} is not all printable ASCII`);
}

/** Returns where a URL leads: the module to ask it with, and the options that say whom. */
export function parseUrl(variable, url) {
  const [, scheme, host, port, path] = WEB_URL.exec(url) ?? [];
  const hostname = host?.replace(/^\[(.*)\]$/, "$1");
  const isHost = host === hostname || isIPv6(hostname);
  const isPort = port === undefined || (port >= 1 && port <= 65535);
  if (scheme === undefined || !isHost || !isPort) {
    throw new ConfigError(`${variable} is not an http or https URL`);
  }
  const transport = scheme === "http" ? http : https;
  const agent = new transport.Agent({ keepAlive: true });
  return { transport, target: { hostname, port, path, agent } };
}
