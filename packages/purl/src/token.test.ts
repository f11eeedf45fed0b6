import { createCipheriv, randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { MAX_NUMBER } from "./address.ts";
import { issueToken, parseToken, TOKEN_LENGTH, verifyToken } from "./token.ts";

const KEY = Buffer.from("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "hex");
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

describe("known answers: a link that was sent once must open for ever", () => {
  test.each([
    { batchId: 1, recordNumber: 1, token: "AAAAAAEAAAAAAb6VEfkGtudK3U_YQDPjIRU" },
    { batchId: 123_456, recordNumber: 789, token: "AAAB4kAAAAADFW4WZYf6cgqQu15xOo46ZI4" },
    { batchId: MAX_NUMBER, recordNumber: MAX_NUMBER, token: "_____________4h11LZ1HeeJp1fuwtoeU1o" },
  ])("$batchId, $recordNumber", ({ batchId, recordNumber, token }) => {
    expect(issueToken(KEY, { batchId, recordNumber })).toBe(token);
    const parsed = parseToken(token)!;
    expect(parsed).toMatchObject({ batchId, recordNumber });
    expect(verifyToken(KEY, parsed)).toBe(true);
  });

  test("the layout is address ‖ AES-256(address ‖ label)", () => {
    const address = Buffer.from("00000000020000000003", "hex");
    const block = Buffer.concat([address, Buffer.from("purl.1")]);
    const tag = createCipheriv("aes-256-ecb", KEY, null).setAutoPadding(false).update(block);
    const expected = Buffer.concat([address, tag]).toString("base64url");
    expect(issueToken(KEY, { batchId: 2, recordNumber: 3 })).toBe(expected);
  });
});

describe("forgery", () => {
  const token = issueToken(KEY, { batchId: 77, recordNumber: 4711 });
  const opens = (forged: string, key = KEY) => {
    const parsed = parseToken(forged);
    return parsed !== undefined && verifyToken(key, parsed);
  };

  test("no token with one character changed opens", () => {
    let opened = 0;
    for (let i = 0; i < TOKEN_LENGTH; i++) {
      for (const char of ALPHABET) {
        if (char !== token[i] && opens(token.slice(0, i) + char + token.slice(i + 1))) opened++;
      }
    }
    expect(opened).toBe(0);
    expect(opens(token)).toBe(true);
  });

  test("another client's key does not open it", () => {
    expect(opens(token, randomBytes(32))).toBe(false);
  });

  test("the tag of one record does not open another", () => {
    const other = issueToken(KEY, { batchId: 77, recordNumber: 4712 });
    expect(
      opens(
        Buffer.concat([
          Buffer.from(other, "base64url").subarray(0, 10),
          Buffer.from(token, "base64url").subarray(10),
        ]).toString("base64url"),
      ),
    ).toBe(false);
  });
});

test("one token has one spelling", () => {
  const token = issueToken(KEY, { batchId: 1, recordNumber: 1 });
  const stem = token.slice(0, -1);
  const spellings = [...ALPHABET].filter((char) => parseToken(stem + char) !== undefined);
  expect(spellings).toHaveLength(16);
  const bytes = new Set(spellings.map((char) => Buffer.from(stem + char, "base64url").toString("hex")));
  expect(bytes.size).toBe(16);
});

test.each([
  ["empty", ""],
  ["too short", "A".repeat(34)],
  ["too long", "A".repeat(36)],
  ["padded", `${"A".repeat(34)}=`],
  ["in plain base64", `${"A".repeat(20)}+/${"A".repeat(13)}`],
  ["with a line end", `${"A".repeat(34)}\n`],
  ["a line end after it", `${issueToken(KEY, { batchId: 1, recordNumber: 1 })}\n`],
  ["of batch 0", Buffer.concat([Buffer.alloc(9), Buffer.from([1]), Buffer.alloc(16)]).toString("base64url")],
  ["of record 0", Buffer.concat([Buffer.alloc(4), Buffer.from([1]), Buffer.alloc(21)]).toString("base64url")],
])("what is %s is no token", (_, token) => {
  expect(parseToken(token)).toBeUndefined();
});

test("a number beyond 5 bytes is refused, not cut off", () => {
  expect(() => issueToken(KEY, { batchId: MAX_NUMBER + 1, recordNumber: 1 })).toThrow(/batch 1099511627776/);
  expect(() => issueToken(KEY, { batchId: 1, recordNumber: 0 })).toThrow(/record 0/);
});

test("a key of another length is refused", () => {
  expect(() => issueToken(KEY.subarray(16), { batchId: 1, recordNumber: 1 })).toThrow(/32 bytes/);
});
