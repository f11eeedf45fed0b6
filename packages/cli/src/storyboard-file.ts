import type { Problem } from "@inlet/contracts";
import { LineCounter, parseDocument } from "yaml";
import { type PlacedProblem, usageFailure } from "./failure.ts";
import { offsetOf } from "./profile-file.ts";

/** A storyboard out of a file, as it is written there; and where in the file its parts stand. */
export interface ReadStoryboard {
  document: unknown;
  place(problem: Problem): PlacedProblem;
}

/** Reads the storyboard of a file: JSON, or YAML. Whether it is a good one others say. @throws CliFailure where it is neither */
export function readStoryboard(text: string, file: string): ReadStoryboard {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const placeAt = (offset: number | undefined) => {
    if (offset === undefined) return { file };
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ message, pos }) => ({ ...placeAt(pos[0]), path: [], message }));
    throw usageFailure(`${file} is neither JSON nor YAML; nothing was saved.`, problems);
  }
  if (document.contents === null) throw usageFailure(`${file} is empty; a storyboard is needed.`);
  return {
    document: document.toJS(),
    place: (problem) => ({ ...placeAt(offsetOf(document.contents, problem.path)), ...problem }),
  };
}
