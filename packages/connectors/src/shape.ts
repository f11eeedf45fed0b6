import { jsonPathOf } from "@inlet/contracts";
import { answerJson } from "./answer-json.ts";
import { BrokenAnswer } from "./broken-answer.ts";
import type { FieldShape } from "./connector.ts";

const MOST_FIELDS = 1_000;
const MOST_SAMPLES = 3;
const SAMPLE_CHARACTERS = 100;
/** Objects within an item are looked into so far: `address.city`. */
const MOST_DEPTH = 3;

/** A number as it is written: 64-bit ones would not survive as JavaScript's. */
class WrittenNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

interface Seen {
  types: Set<FieldShape["type"]>;
  samples: Set<string>;
  /** Items that have it, and not null. */
  count: number;
}

/**
 * What the items of an answer look like. Objects within items are looked into; a list is one value.
 * @param items the names on the way to the list; none: the answer is the list
 * @param most items looked at
 * @throws BrokenAnswer when it is no JSON, or has no list there
 */
export function shapeOf(body: Buffer, items: readonly string[], most = 100): FieldShape[] {
  const list = listAt(
    answerJson(body, (written) => new WrittenNumber(written)),
    items,
  ).slice(0, most);
  const fields = new Map<string, Seen>();
  const look = (value: unknown, path: readonly string[]): void => {
    if (path.length > 0 && path.length <= MOST_DEPTH && isObject(value) && Object.keys(value).length > 0) {
      for (const [name, inner] of Object.entries(value)) look(inner, [...path, name]);
      return;
    }
    const name = jsonPathOf(path);
    let seen = fields.get(name);
    if (seen === undefined) {
      if (fields.size === MOST_FIELDS) return;
      seen = { types: new Set(), samples: new Set(), count: 0 };
      fields.set(name, seen);
    }
    if (value === null) return;
    seen.count += 1;
    seen.types.add(typeOf(value));
    if (seen.samples.size < MOST_SAMPLES) seen.samples.add(textOf(value).slice(0, SAMPLE_CHARACTERS));
  };
  for (const item of list) {
    if (isObject(item)) for (const [name, value] of Object.entries(item)) look(value, [name]);
  }
  return [...fields].map(([path, { types, samples, count }]) => ({
    path,
    type: types.size === 1 ? [...types][0]! : "text",
    isOptional: count < list.length,
    samples: [...samples],
  }));
}

function listAt(answer: unknown, names: readonly string[]): unknown[] {
  const found = names.reduce<unknown>(
    (value, name) => (isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined),
    answer,
  );
  if (Array.isArray(found)) return found;
  throw new BrokenAnswer(
    names.length === 0 ? "the answer is no list of items" : `the answer has no list at ${jsonPathOf(names)}`,
    0,
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof WrittenNumber);

function typeOf(value: unknown): FieldShape["type"] {
  if (value instanceof WrittenNumber) return "number";
  if (typeof value === "boolean") return "boolean";
  if (Array.isArray(value)) return "list";
  if (typeof value === "object") return "object";
  return typeof value === "string" && /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d|$)/.test(value) ? "time" : "text";
}

function textOf(value: unknown): string {
  if (value instanceof WrittenNumber) return value.text;
  return typeof value === "string" ? value : JSON.stringify(value, plainNumbers);
}

/** Within lists, where a sample need not be lossless. */
const plainNumbers = (_name: string, value: unknown) => (value instanceof WrittenNumber ? Number(value.text) : value);
