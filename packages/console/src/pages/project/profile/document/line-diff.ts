import { diffArrays } from "diff";

/** One line of a comparison. Numbers are those of the two texts, from 1. */
export interface DiffLine {
  sign: "same" | "added" | "removed";
  text: string;
  before: number | undefined;
  after: number | undefined;
}

/** A stretch of a comparison: lines, or so many equal ones that are not shown. */
export type DiffPart = { kind: "lines"; lines: readonly DiffLine[] } | { kind: "folded"; lines: readonly DiffLine[] };

/** Equal lines that are shown round each change. */
const CONTEXT = 3;

/** Compares two texts line by line. */
export function diffLines(before: string, after: string): DiffLine[] {
  let beforeAt = 0;
  let afterAt = 0;
  return diffArrays(linesOf(before), linesOf(after)).flatMap(({ value, added, removed }) =>
    value.map((text): DiffLine => {
      if (added) return { sign: "added", text, before: undefined, after: ++afterAt };
      if (removed) return { sign: "removed", text, before: ++beforeAt, after: undefined };
      return { sign: "same", text, before: ++beforeAt, after: ++afterAt };
    }),
  );
}

/** How many lines are added and removed. */
export function countsOf(lines: readonly DiffLine[]): { added: number; removed: number } {
  const countOf = (sign: DiffLine["sign"]) => lines.filter((line) => line.sign === sign).length;
  return { added: countOf("added"), removed: countOf("removed") };
}

/** Folds what is the same, but for a few lines round each change. */
export function foldDiff(lines: readonly DiffLine[]): DiffPart[] {
  const isNear = lines.map(() => false);
  lines.forEach(({ sign }, at) => {
    if (sign === "same") return;
    isNear.fill(true, Math.max(0, at - CONTEXT), at + CONTEXT + 1);
  });
  const parts: { kind: DiffPart["kind"]; lines: DiffLine[] }[] = [];
  lines.forEach((line, at) => {
    const kind = isNear[at] ? "lines" : "folded";
    const last = parts.at(-1);
    if (last?.kind === kind) last.lines.push(line);
    else parts.push({ kind, lines: [line] });
  });
  // Folding a single line saves nothing.
  return parts.map((part) => (part.lines.length === 1 ? { ...part, kind: "lines" as const } : part));
}

const linesOf = (text: string) => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));
