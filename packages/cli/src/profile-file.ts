import { type Problem, type Profile, problemsOf, profileSchema } from "@inlet/contracts";
import { isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from "yaml";
import type { PlacedProblem } from "./failure.ts";

/** A profile out of a file, and where in the file its parts stand. */
export interface ReadProfile {
  file: string;
  /** What was written, defaults left out. */
  profile: Profile;
  place(problem: Problem): PlacedProblem;
}

/**
 * Reads the profiles of one file: YAML or JSON (which is YAML), one or several documents. Every mistake is returned with
 * its line.
 */
export function readProfiles(text: string, file: string): { profiles: ReadProfile[]; problems: PlacedProblem[] } {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  if (!Array.isArray(documents) || documents.length === 0) {
    return { profiles: [], problems: [{ file, path: [], message: "is empty; a profile is needed" }] };
  }
  const profiles: ReadProfile[] = [];
  const problems: PlacedProblem[] = [];
  for (const document of documents) {
    const placeAt = (offset: number | undefined) => {
      if (offset === undefined) return { file };
      const { line, col } = lines.linePos(offset);
      return { file, line, column: col };
    };
    if (document.errors.length > 0) {
      problems.push(...document.errors.map(({ message, pos }) => ({ ...placeAt(pos[0]), path: [], message })));
      continue;
    }
    const place = (problem: Problem) => ({ ...placeAt(offsetOf(document.contents, problem.path)), ...problem });
    const parsed = profileSchema.safeParse(document.toJS());
    if (parsed.success) profiles.push({ file, profile: parsed.data, place });
    else problems.push(...problemsOf(parsed.error.issues).map(place));
  }
  return { profiles, problems };
}

/** Where a path's key (or list item) begins; of what is missing, its nearest parent. */
export function offsetOf(root: Node | null, path: Problem["path"]): number | undefined {
  let node: unknown = root;
  let offset = root?.range?.[0];
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      if (pair === undefined) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof key === "number" && key < node.items.length) {
      node = node.items[key];
      offset = (node as Node).range?.[0] ?? offset;
    } else break;
  }
  return offset;
}
