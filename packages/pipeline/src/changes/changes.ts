/** Numbers of batches and runs that have changed. A hint: what they are now, PostgreSQL says. */
export interface Changes {
  batches: readonly number[];
  runs: readonly number[];
}

/** Ids in one message on the channel at most. */
const MOST_IDS = 2_000;

/** Writes changes for the channel, in messages of a bounded size. */
export function encodeChanges({ batches, runs }: Changes): string[] {
  const messages: string[] = [];
  for (let from = 0; from < Math.max(batches.length, runs.length); from += MOST_IDS) {
    messages.push(JSON.stringify({ b: batches.slice(from, from + MOST_IDS), r: runs.slice(from, from + MOST_IDS) }));
  }
  return messages;
}

/** What is said on the channel when changes could not be told: nobody knows of which any more. */
export const CHANGES_LOST = JSON.stringify({ lost: true });

/** Reads a message of the channel. `lost`: there were changes that nobody was told of. Undefined: it is none of ours. */
export function decodeChanges(message: string): Changes | "lost" | undefined {
  try {
    if (message === CHANGES_LOST) return "lost";
    const read: unknown = JSON.parse(message);
    if (typeof read !== "object" || read === null || !("b" in read && "r" in read)) return undefined;
    return { batches: idsOf(read.b), runs: idsOf(read.r) };
  } catch {
    return undefined;
  }
}

function idsOf(value: unknown): number[] {
  return Array.isArray(value) ? value.filter((id) => Number.isSafeInteger(id) && id > 0) : [];
}
