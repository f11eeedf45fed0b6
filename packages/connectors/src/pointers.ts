import { createHash } from "node:crypto";
import type { Position } from "./connector.ts";

/** Far more pages than pulls have; older ones are forgotten, so that an endless pull does not fill the memory. */
const MOST = 200_000;

/** Which positions a pull has been at. */
export function openPointers(from: Position | null) {
  const seen = new Set<string>();
  const note = (position: Position) => {
    const name = nameOf(position);
    if (seen.has(name)) return true;
    if (seen.size >= MOST) seen.delete(seen.values().next().value!);
    seen.add(name);
    return false;
  };
  if (from !== null) note(from);
  return {
    /** Whether it was there before; it is from now on. */
    hasSeen: note,
  };
}

/** The page's number is not where it is. */
function nameOf({ page: _, ...position }: Position): string {
  const sorted = Object.entries(position).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(sorted)).digest("base64").slice(0, 20);
}
