import { StructuredValue } from "@inlet/mail-intake";

/** What one method found: `dkim=pass header.d=example.com`. All in lower case but the properties' values. */
export interface MethodResult {
  method: string;
  result: string;
  /** In their order. A name may come twice in what a careless or a hostile hand wrote. */
  properties: readonly { name: string; value: string }[];
}

const KEYWORD = /[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?/;
/** `header.from`; Microsoft also writes names without a dot (`action=none`). */
const PROPERTY = /[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)?/;
/** More than RFC 8601 allows unquoted, as `header.b=mQ/+=` and `smtp.mailfrom=<>` are seen; never what ends or hides a part. */
const UNQUOTED = /[^\s;()"\\\x00-\x1f\x7f]+/;

/** The name of the server that wrote an Authentication-Results field, in lower case. */
export function readServerName(value: string): string | undefined {
  return openResults(value)?.server;
}

/**
 * What the server found (RFC 8601, 2.2). Undefined when any part of it cannot be read: half a verdict is none.
 * @param value of the field, unfolded
 */
export function readMethodResults(value: string): MethodResult[] | undefined {
  const opened = openResults(value);
  if (opened === undefined) return undefined;
  const { rest } = opened;
  const results: MethodResult[] = [];
  while (!rest.isAtEnd) {
    if (!rest.take(";") || !rest.skipBlanks()) return undefined;
    // A semicolon at the end is not in the grammar, and common.
    if (rest.isAtEnd) break;
    const method = rest.match(KEYWORD)?.toLowerCase();
    if (method === undefined || !rest.skipBlanks()) return undefined;
    if (method === "none" && (rest.isAtEnd || results.length === 0)) continue;
    if (!skipVersion(rest) || !rest.take("=") || !rest.skipBlanks()) return undefined;
    const result = rest.match(KEYWORD)?.toLowerCase();
    const properties = result === undefined ? undefined : readProperties(rest);
    if (result === undefined || properties === undefined) return undefined;
    results.push({ method, result, properties });
  }
  return results;
}

function openResults(value: string): { server: string; rest: StructuredValue } | undefined {
  const rest = new StructuredValue(value);
  if (!rest.skipBlanks()) return undefined;
  const server = rest.quoted() ?? rest.match(/[^\s;()"=\\\x00-\x1f\x7f]+/);
  if (server === undefined || !rest.skipBlanks()) return undefined;
  rest.match(/[0-9]+/);
  return rest.skipBlanks() ? { server: server.toLowerCase(), rest } : undefined;
}

/** `dkim/1`. */
function skipVersion(rest: StructuredValue): boolean {
  if (!rest.take("/")) return true;
  return rest.skipBlanks() && rest.match(/[0-9]+/) !== undefined && rest.skipBlanks();
}

function readProperties(rest: StructuredValue): { name: string; value: string }[] | undefined {
  const properties: { name: string; value: string }[] = [];
  for (;;) {
    if (!rest.skipBlanks()) return undefined;
    const name = rest.match(PROPERTY)?.toLowerCase();
    if (name === undefined) return properties;
    if (!rest.skipBlanks() || !rest.take("=") || !rest.skipBlanks()) return undefined;
    const value = readValue(rest);
    if (value === undefined) return undefined;
    properties.push({ name, value });
  }
}

/** `"a b"@example.com` is one value. */
function readValue(rest: StructuredValue): string | undefined {
  let value: string | undefined;
  for (;;) {
    const part = rest.quoted() ?? rest.match(UNQUOTED);
    if (part === undefined) return value;
    value = (value ?? "") + part;
  }
}
