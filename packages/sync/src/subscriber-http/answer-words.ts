import type { HttpAnswer } from "@inlet/remote-http";

const MOST_CHARACTERS = 300;
/** Where systems say in JSON what was wrong. */
const PLACES = ["message", "error_description", "detail", "title", "error", "errors", "reason", "fault"];

/** What an answer says of a refusal, in its own words and in one line; nothing for a page of HTML. */
export function answerWords({ headers, body }: HttpAnswer): string {
  const text = body.subarray(0, 64 * 1024).toString("utf8");
  const found = wordsIn(parsed(text)) ?? (/html/i.test(headers["content-type"] ?? "") ? "" : text);
  const line = found.replace(/[\p{Cc}\s]+/gu, " ").trim();
  return line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS)}…` : line;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function wordsIn(value: unknown, depth = 0): string | undefined {
  if (typeof value === "string") return value || undefined;
  if (typeof value !== "object" || value === null || depth > 3) return undefined;
  if (Array.isArray(value)) {
    const each = value.slice(0, 3).flatMap((one) => wordsIn(one, depth + 1) ?? []);
    return each.length > 0 ? each.join("; ") : undefined;
  }
  const place = PLACES.map((name) => (value as Record<string, unknown>)[name]);
  for (const one of place) {
    const words = wordsIn(one, depth + 1);
    if (words !== undefined) return words;
  }
  return undefined;
}
