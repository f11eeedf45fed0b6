import type { HttpAnswer } from "@inlet/remote-http";

const MOST_BYTES = 65_536;
const MOST_CHARACTERS = 300;

/** Takes secrets out of a text. */
export type Conceal = (text: string) => string;

/**
 * What a system says of an error: RFC 9457's `detail` and `title`, OAuth's `error_description`, OData's and most others' `error`
 * and `message`, or plain text. Undefined for pages and other things that nobody wants to read in an e-mail. Without secrets, as far as
 * `conceal` knows them.
 */
export function systemWords({ headers, body }: HttpAnswer, conceal: Conceal): string | undefined {
  const text = body.subarray(0, MOST_BYTES).toString("utf8");
  if (/^\s*[{[]/.test(text)) {
    try {
      return plain(wordsIn(JSON.parse(text), 0), conceal);
    } catch {
      return undefined;
    }
  }
  return headers["content-type"]?.startsWith("text/plain") ? plain(text, conceal) : undefined;
}

const NAMES = ["detail", "error_description", "message", "Message", "value", "error", "title", "errors"];

function wordsIn(value: unknown, depth: number): string | undefined {
  if (typeof value === "string") return value;
  if (depth > 4 || typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value)) return wordsIn(value[0], depth + 1);
  for (const name of NAMES) {
    const words = Object.hasOwn(value, name) ? wordsIn((value as Record<string, unknown>)[name], depth + 1) : undefined;
    if (words !== undefined) return words;
  }
  return undefined;
}

/** A stranger's text on one line: no controls, no end of it. Secrets go first: the half of one that was cut is known no more. */
function plain(text: string | undefined, conceal: Conceal): string | undefined {
  const words = conceal(text ?? "")
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim();
  if (words === "") return undefined;
  return words.length > MOST_CHARACTERS ? `${words.slice(0, MOST_CHARACTERS).trimEnd()}…` : words;
}
