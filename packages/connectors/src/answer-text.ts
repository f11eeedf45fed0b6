import type { HttpAnswer } from "@inlet/remote-http";

const UTF8 = /^(utf-?8|us-ascii|ascii)$/i;

/**
 * An answer's body in UTF-8. JSON is UTF-8 (RFC 8259, 8.1); older systems say `charset=iso-8859-1` and mean it. A charset that
 * nobody knows is passed over: the reader sees whether it was UTF-8.
 */
export function utf8Body({ headers, body }: Pick<HttpAnswer, "headers" | "body">): Buffer {
  const charset = /;\s*charset="?([\w-]+)/i.exec(headers["content-type"] ?? "")?.[1];
  if (charset === undefined || UTF8.test(charset)) return withoutMark(body);
  try {
    return Buffer.from(new TextDecoder(charset).decode(body));
  } catch {
    return withoutMark(body);
  }
}

/** A byte order mark is no JSON, and some write one all the same (RFC 8259, 8.1). */
function withoutMark(body: Buffer): Buffer {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? body.subarray(3) : body;
}
