import { createHash } from "node:crypto";
import libmime from "libmime";
import { readFromAddress } from "./from-address.ts";
import { type HeaderField, readHeaderFields } from "./header-fields.ts";
import type { ReadMail } from "./mail.ts";

type MailFacts = Pick<ReadMail, "messageId" | "from" | "subject" | "fields">;

/** RFC 5321, 4.5.3.1: 64 characters before the `@`, 255 behind it. */
const MAX_ADDRESS = 320;
const MAX_SUBJECT = 500;

/** What a message's header says. @param header its first bytes, up to the empty line or a little further */
export function readFacts(header: Buffer): MailFacts {
  const fields = readHeaderFields(header) ?? [];
  return { messageId: readMessageId(fields), from: readFrom(fields), subject: readSubject(fields), fields };
}

/** What a message is known by at every delivery. @param bytesHash SHA-256 of its bytes */
export function identityOf({ messageId }: Pick<MailFacts, "messageId">, bytesHash: Buffer): Buffer {
  return createHash("sha256")
    .update(messageId === null ? bytesHash : `id:${messageId}`)
    .digest();
}

/** The values of a field, topmost first. */
export const valuesOf = (fields: readonly HeaderField[], name: string): string[] =>
  fields.filter((field) => field.name === name).map(({ value }) => value.trim());

/** The last of several: signatures cover fields from below (RFC 6376, 5.4.2), and anybody can put one more on top. */
function readMessageId(fields: readonly HeaderField[]): string | null {
  const value = valuesOf(fields, "message-id").at(-1) ?? "";
  return /^<[!-;=?-~]{1,900}>$/.test(value) ? value : null;
}

function readFrom(fields: readonly HeaderField[]): string | null {
  const [value, second] = valuesOf(fields, "from");
  const address = value === undefined || second !== undefined ? undefined : readFromAddress(value);
  return address === undefined || address.length > MAX_ADDRESS ? null : address.toLowerCase();
}

function readSubject(fields: readonly HeaderField[]): string {
  const [value = ""] = valuesOf(fields, "subject");
  return plainText(decodeWords(Buffer.from(value, "latin1").toString("utf8"))).slice(0, MAX_SUBJECT);
}

/** Encoded words (RFC 2047) as text; in a character set that nobody knows they stay as they are. */
function decodeWords(value: string): string {
  try {
    return libmime.decodeWords(value);
  } catch {
    return value;
  }
}

const plainText = (text: string) =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ")
    .replace(/ +/g, " ")
    .trim();
