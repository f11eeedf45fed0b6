import { Refusal } from "./errors.ts";

/** Deeper than any body that is asked for: a profile has about ten levels. */
const LEVELS_AT_MOST = 64;

/** It would reach an object's prototype where somebody assigns it. */
const FORBIDDEN_KEY = "__proto__";

/**
 * Reads a JSON body. Unlike JSON.parse it refuses what two programs read differently (a key that is there twice: RFC 8259,
 * section 4) and what none of ours ever needs.
 * @throws Refusal `json_invalid`, `json_too_deep`, `json_key_repeated`, `json_key_forbidden`
 */
export function parseJsonBody(text: string): unknown {
  const finding = scan(text);
  if (finding?.isDeep) throw finding.refusal;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Refusal(400, "json_invalid", `The body is no JSON: ${whereIn(text, error)}.`);
  }
  if (finding !== undefined) throw finding.refusal;
  return value;
}

interface Level {
  /** Of an object; undefined for an array. */
  keys: Set<string> | undefined;
  /** The next string is a key. */
  isKeyNext: boolean;
}

/** One pass over the text, which may be broken: JSON.parse says so afterwards. */
function scan(text: string): { isDeep: boolean; refusal: Refusal } | undefined {
  const levels: Level[] = [];
  let finding: { isDeep: boolean; refusal: Refusal } | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    const level = levels.at(-1);
    if (character === '"') {
      const start = at;
      at = endOfString(text, at);
      if (level?.keys === undefined || !level.isKeyNext) continue;
      level.isKeyNext = false;
      finding ??= judgeKey(text.slice(start, at + 1), level.keys, () => lineOf(text, start));
    } else if (character === "{" || character === "[") {
      if (levels.length === LEVELS_AT_MOST) {
        const detail = `The body is nested deeper than ${LEVELS_AT_MOST} levels, in line ${lineOf(text, at)}.`;
        return { isDeep: true, refusal: new Refusal(400, "json_too_deep", detail) };
      }
      levels.push(character === "{" ? { keys: new Set(), isKeyNext: true } : { keys: undefined, isKeyNext: false });
    } else if (character === "}" || character === "]") levels.pop();
    else if (character === "," && level?.keys !== undefined) level.isKeyNext = true;
  }
  return finding;
}

function judgeKey(quoted: string, keys: Set<string>, line: () => number) {
  const key = readKey(quoted);
  if (key === FORBIDDEN_KEY) {
    const detail = `The key “${key}” in line ${line()} may not be used.`;
    return { isDeep: false, refusal: new Refusal(400, "json_key_forbidden", detail) };
  }
  if (keys.has(key)) {
    const detail = `The key “${key.slice(0, 100)}” in line ${line()} is there a second time in the same object. Leave one of them.`;
    return { isDeep: false, refusal: new Refusal(400, "json_key_repeated", detail) };
  }
  keys.add(key);
  return undefined;
}

function readKey(quoted: string): string {
  if (!quoted.includes("\\")) return quoted.slice(1, -1);
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted;
  }
}

/** Where the string that begins here ends; the text's end, when it does not. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x5c) at += 1;
    else if (code === 0x22) return at;
  }
  return text.length;
}

function lineOf(text: string, at: number): number {
  let line = 1;
  for (let next = text.indexOf("\n"); next !== -1 && next < at; next = text.indexOf("\n", next + 1)) line += 1;
  return line;
}

/** V8 names the position, or the text's end. */
function whereIn(text: string, error: unknown): string {
  const { message } = error as Error;
  const given = /at position (\d+)/.exec(message)?.[1];
  const at = given === undefined ? text.length : Number(given);
  const line = lineOf(text, at);
  const column = at - text.lastIndexOf("\n", at - 1);
  if (given === undefined && !/end of JSON/i.test(message)) return `something in it cannot be read (line ${line})`;
  return at >= text.length
    ? `it ends too early, in line ${line}`
    : `what stands in line ${line}, column ${column} does not belong there`;
}
