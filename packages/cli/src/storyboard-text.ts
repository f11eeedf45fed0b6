import type { Asset, StoryboardProblem } from "@inlet/contracts";
import type { PlacedProblem } from "./failure.ts";
import { bytes, count } from "./figures.ts";
import { wrapped } from "./table.ts";
import { printable, type Terminal } from "./terminal.ts";

/** A problem, with its place in a file where there is one. */
export type ShownProblem = StoryboardProblem & Partial<Pick<PlacedProblem, "file" | "line" | "column">>;

/**
 * What is wrong with a storyboard, errors first, each with its place over what it says. What is wrong in the same words in many
 * places is told once, at the first of them.
 */
export function problemLines(problems: readonly ShownProblem[], out: Terminal): string[] {
  const told = new Map<string, { problem: ShownProblem; others: number }>();
  for (const problem of problems) {
    const known = told.get(`${problem.severity} ${problem.message}`);
    if (known === undefined) told.set(`${problem.severity} ${problem.message}`, { problem, others: 0 });
    else known.others += 1;
  }
  const errorsFirst = [...told.values()].sort(
    (one, other) => Number(other.problem.severity === "error") - Number(one.problem.severity === "error"),
  );
  return errorsFirst.flatMap(({ problem: { severity, path, message, file, line, column }, others }) => {
    const mark = severity === "error" ? out.paint("red", "error  ") : out.paint("yellow", "warning");
    const at = file === undefined || line === undefined ? "" : `${file}:${line}:${column ?? 1} `;
    const where = `${printable(`${at}${pathText(path)}`.trim())}${others === 0 ? "" : ` and ${count(others, "other place")}`}`;
    const words = wrapped(printable(message), out.columns - INDENT.length);
    const below = (lines: readonly string[]) => lines.map((each) => `${INDENT}${each}`);
    if (where === "") return [`${mark}  ${words[0]}`, ...below(words.slice(1))];
    return [`${mark}  ${out.paint("dim", where)}`, ...below(words)];
  });
}

const INDENT = " ".repeat(9);

/** `1 error and 2 warnings`; undefined: nothing is wrong. */
export function problemCount(problems: readonly StoryboardProblem[]): string | undefined {
  const [errors, warnings] = (["error", "warning"] as const).map(
    (wanted) => problems.filter(({ severity }) => severity === wanted).length,
  );
  const parts = [errors! > 0 ? count(errors!, "error") : "", warnings! > 0 ? count(warnings!, "warning") : ""];
  return parts.filter((part) => part !== "").join(" and ") || undefined;
}

/** A place in a document, such as `scenes[0].layers[1].text`. */
export const pathText = (path: readonly (string | number)[]) =>
  path.map((key, index) => (typeof key === "number" ? `[${key}]` : index === 0 ? key : `.${key}`)).join("");

/** What an asset is, in a few words: `image 1280 × 720, 84 KB`. */
export function assetWords({ state, file, refusal, upload, replaces }: Asset): string {
  const meanwhile = replaces ? "; the one before is shown meanwhile" : "";
  if (state === "processing") return `being made ready${meanwhile}`;
  if (state === "refused" || file === null) return `${refusal?.message ?? "It cannot be shown."}${meanwhile}`;
  const size = file.width === null ? "" : ` ${file.width} × ${file.height}`;
  const length = file.durationMs === null ? "" : `, ${Math.round(file.durationMs / 100) / 10} s`;
  return `${KINDS[file.kind]}${size}${length}, ${bytes(file.sizeBytes)} (of ${bytes(upload.sizeBytes)} uploaded)`;
}

const KINDS = { image: "image", video: "video", audio: "sound" } as const;
