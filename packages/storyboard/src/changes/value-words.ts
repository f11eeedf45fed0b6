import type { Condition } from "@inlet/contracts";
import { conditionWords } from "../rules/condition-words.ts";

const LABELS: Readonly<Record<string, string>> = {
  fromMs: "begin",
  untilMs: "end",
  atMs: "moment",
  durationMs: "duration",
  fadeOutMs: "fading out",
  box: "place",
  when: "condition",
  to: "second colour",
  dim: "darkening",
};

/** What a field is called in a sentence: `durationMs` is its duration. */
export function fieldLabel(steps: readonly (string | number)[]): string {
  return steps
    .map((step) => LABELS[step] ?? String(step).replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`))
    .join(" ");
}

/** A value in a sentence. Long texts are cut. */
export function valueWords(field: string | number, value: unknown): string {
  if (typeof value === "string") return `“${value.length > 60 ? `${value.slice(0, 59).toWellFormed()}…` : value}”`;
  if (typeof value === "number") return String(field).endsWith("Ms") ? `${value / 1000} s` : String(value);
  if (typeof value === "boolean") return value ? "on" : "off";
  if (field === "when" || field === "condition") return `“${conditionWords(value as Condition)}”`;
  if (field === "box") {
    const { x, y, width, height } = value as Record<string, number>;
    return `${width} × ${height} at ${x}, ${y}`;
  }
  if (Array.isArray(value)) return value.map((each) => valueWords("", each)).join(", ");
  if (typeof value === "object" && value !== null) {
    if ("name" in value) return valueWords(field, value.name);
    return Object.entries(value)
      .map(([name, each]) => `${fieldLabel([name])} ${valueWords(name, each)}`)
      .join(", ");
  }
  return String(value);
}
