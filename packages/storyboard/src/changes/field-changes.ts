import type { StoryboardChange } from "./change.ts";
import { fieldLabel, valueWords } from "./value-words.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Fields that are told of as one, whatever of them changed. */
const WHOLE = new Set(["box", "when", "condition", "asset", "values"]);

/** What changed between two of a kind, field by field. `subject` begins each sentence, and is empty for the storyboard itself. */
export function fieldChanges(
  before: Fields,
  after: Fields,
  path: readonly (string | number)[],
  subject: string,
  without: readonly string[] = [],
): StoryboardChange[] {
  return compare(before, after, [], without).map(({ steps, from, to }) => {
    const field = steps.at(-1)!;
    const label = fieldLabel(steps);
    const words = sentence(
      label,
      from === undefined ? undefined : valueWords(field, from),
      to === undefined ? undefined : valueWords(field, to),
    );
    const message = subject === "" ? `The ${words}` : `${subject}: the ${words}`;
    return { kind: "changed", path: [...path, ...steps], message, from, to };
  });
}

function sentence(label: string, from: string | undefined, to: string | undefined): string {
  if (from === undefined) return `${label} is now ${to}; there was none.`;
  if (to === undefined) return `${label} was ${from}; there is none any more.`;
  return `${label} is now ${to}, was ${from}.`;
}

interface Difference {
  steps: string[];
  from: unknown;
  to: unknown;
}

function compare(before: Fields, after: Fields, steps: readonly string[], without: readonly string[]): Difference[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => {
    const [from, to] = [before[name], after[name]];
    if (without.includes(name) || isSame(from, to)) return [];
    const here = [...steps, name];
    if (isFields(from) && isFields(to) && !WHOLE.has(name)) return compare(from, to, here, []);
    return [{ steps: here, from, to }];
  });
}

/** Whether two pieces of JSON say the same; the order of an object's fields says nothing. */
export function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((each, index) => isSame(each, other[index]));
  }
  if (!isFields(one) || !isFields(other)) return false;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => isSame(one[name], other[name]));
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
