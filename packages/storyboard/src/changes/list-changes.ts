import type { StoryboardChange } from "./change.ts";
import { fieldChanges, isSame } from "./field-changes.ts";

type Path = readonly (string | number)[];

/** How the parts of a list are told apart, and spoken of. */
export interface Listed<T> {
  path: Path;
  /** In a sentence, such as `Scene “hello”`. */
  subject: (part: T) => string;
  /** The ways in which one part of the older list is taken for one of the newer, the surest first. */
  keys: readonly ((part: T) => unknown)[];
  /** Fields that are not compared, because `inside` does it. */
  without?: readonly string[];
  inside?: (before: T, after: T, path: Path) => StoryboardChange[];
}

/** What was added to a list, taken out of it, moved in it, and changed in what stayed. */
export function listChanges<T extends object>(
  before: readonly T[],
  after: readonly T[],
  { path, subject, keys, without = [], inside = () => [] }: Listed<T>,
): StoryboardChange[] {
  const partners = partnersOf(before, after, keys);
  const changes: StoryboardChange[] = [];
  before.forEach((part, index) => {
    if (partners.includes(index)) return;
    changes.push({ kind: "removed", path: [...path, index], message: `${subject(part)} was removed.`, from: part });
  });
  const stayed = partners.filter((partner) => partner !== undefined);
  const moved = movedOf(stayed);
  after.forEach((part, index) => {
    const at = [...path, index];
    const partner = partners[index];
    if (partner === undefined) {
      changes.push({ kind: "added", path: at, message: `${subject(part)} was added.`, to: part });
      return;
    }
    if (moved.has(partner)) {
      const message = `${subject(part)} has moved from place ${partner + 1} to ${index + 1}.`;
      changes.push({ kind: "changed", path: at, message, from: partner, to: index });
    }
    const old = before[partner]!;
    const fields = fieldChanges(
      old as Record<string, unknown>,
      part as Record<string, unknown>,
      at,
      subject(part),
      without,
    );
    changes.push(...fields, ...inside(old, part, at));
  });
  return changes;
}

/** For each newer part the index of the older one that it was, or undefined. */
function partnersOf<T>(before: readonly T[], after: readonly T[], keys: Listed<T>["keys"]): (number | undefined)[] {
  const partners = new Array<number | undefined>(after.length).fill(undefined);
  const free = new Set(before.keys());
  for (const key of [(part: T): unknown => part, ...keys]) {
    after.forEach((part, index) => {
      if (partners[index] !== undefined) return;
      const wanted = key(part);
      for (const candidate of free) {
        if (!isSame(key(before[candidate]!), wanted)) continue;
        partners[index] = candidate;
        free.delete(candidate);
        break;
      }
    });
  }
  return partners;
}

/** Those that left their order: all but the longest run of parts that kept it. */
function movedOf(order: readonly number[]): Set<number> {
  const lengths: number[] = [];
  const previous: number[] = [];
  order.forEach((each, index) => {
    let best = -1;
    for (let i = 0; i < index; i++) if (order[i]! < each && (best === -1 || lengths[i]! > lengths[best]!)) best = i;
    lengths.push(best === -1 ? 1 : lengths[best]! + 1);
    previous.push(best);
  });
  const kept = new Set<number>();
  for (let at = lengths.indexOf(Math.max(...lengths)); at !== -1 && order.length > 0; at = previous[at]!)
    kept.add(order[at]!);
  return new Set(order.filter((each) => !kept.has(each)));
}
