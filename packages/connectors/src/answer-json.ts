import { BrokenAnswer } from "./broken-answer.ts";

/**
 * An answer's JSON as a whole: for a few items, not for pages.
 * @param numberOf makes a number of what stands there (ECMAScript, "JSON.parse source text access"). Default: JavaScript's own,
 *   which loses what it cannot hold.
 * @throws BrokenAnswer
 */
export function answerJson(body: Buffer, numberOf?: (written: string) => unknown): unknown {
  const revive =
    numberOf &&
    ((_name: string, value: unknown, told?: { source?: string }) =>
      typeof value === "number" ? numberOf(told?.source ?? String(value)) : value);
  try {
    return JSON.parse(body.toString("utf8"), revive);
  } catch {
    throw new BrokenAnswer("the answer is no JSON", 0);
  }
}
