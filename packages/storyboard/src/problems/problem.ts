import type { Path } from "../walk.ts";

/** What is wrong with a storyboard. An `error` keeps it from being published; a `warning` asks for attention. */
export interface StoryboardProblem {
  /** From the document's root. */
  path: (string | number)[];
  /** A whole sentence that says what to do. */
  message: string;
  severity: "error" | "warning";
}

export function error(path: Path, message: string): StoryboardProblem {
  return { path: [...path], message, severity: "error" };
}

export function warning(path: Path, message: string): StoryboardProblem {
  return { path: [...path], message, severity: "warning" };
}

/** Such as `2.5 s`. */
export function seconds(durationMs: number): string {
  return `${durationMs / 1000} s`;
}
