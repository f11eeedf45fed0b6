import { Misconfigured } from "@inlet/contracts";
import { RE2JS } from "re2js";

/** Tells whether a whole cell matches. */
export type CellPattern = (text: string) => boolean;

/**
 * Compiles a column's pattern (RE2 syntax). It runs in linear time, whatever the pattern and the cell: a pattern that is
 * nothing but a row of character classes with fixed counts, the usual case, goes to the built-in engine, which cannot
 * backtrack over it; everything else to RE2.
 * @throws Misconfigured when it is no valid pattern.
 */
export function compilePattern(pattern: string): CellPattern {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern);
  } catch (cause) {
    throw new Misconfigured({
      code: "pattern_invalid",
      message: `The pattern \`${pattern}\` is not valid RE2 syntax: ${(cause as Error).message}. Back-references and look-around are not supported.`,
      cause,
    });
  }
  const plain = asFixedRow(pattern);
  if (plain !== undefined) return (text) => plain.test(text);
  return (text) => compiled.matches(text);
}

/** One atom whose meaning is the same in both engines, with a count that leaves nothing to try. */
const ATOM =
  /(?:[A-Za-z0-9 _@#%&=:;,<>~"'/-]|\\[dw.\\+*?()[\]{}|^$/-]|\[(?:[A-Za-z0-9 _.:,@#+]|\\[dw.\\-]|-)+\])(?:\{\d+\})?/y;
/** The row may end with one atom of variable count: there is nothing after it that could ask for another try. */
const LAST_COUNT = /(?:[+*?]|\{\d+,\d*\})/y;

function asFixedRow(pattern: string): RegExp | undefined {
  const body = pattern.replace(/^\^/, "").replace(/(?<!\\)\$$/, "");
  let position = 0;
  while (position < body.length) {
    ATOM.lastIndex = position;
    if (!ATOM.test(body)) {
      LAST_COUNT.lastIndex = position;
      if (position === 0 || body[position - 1] === "}" || !LAST_COUNT.test(body)) return undefined;
      if (LAST_COUNT.lastIndex !== body.length) return undefined;
      break;
    }
    position = ATOM.lastIndex;
  }
  try {
    return new RegExp(`^(?:${body})$`, "u");
  } catch {
    return undefined;
  }
}
