import { figure, type Reason } from "@inlet/contracts";

/** What is known of a pull when its last page has come. */
export interface PulledFacts {
  table: string;
  monitored: boolean;
  /** Only what has changed was asked for. */
  isIncremental: boolean;
  /** What the system said before its first page, and after its last. Null: it was not asked. */
  expected: number | null;
  again: number | null;
  /** Different items. */
  received: number;
  duplicates: number;
  /** How often it was begun anew already. */
  rounds: number;
}

/** What becomes of a pull. `records`: how many the batch has, declared. */
export type Verdict =
  | { verdict: "whole"; records: number }
  | { verdict: "nothing new" }
  | { verdict: "anew" }
  | { verdict: "stopped"; reason: Reason };

/** A pull whose number of items changes meanwhile is begun anew so often. */
export const MOST_ROUNDS = 2;

/**
 * Import monitoring: what came must be what the system said there is, before and after. Where that number changed meanwhile, the
 * pull is done anew. Of changes since a time there may be more by the end, and what came is whole when it is all that there is
 * then.
 */
export function judgePull(facts: PulledFacts): Verdict {
  const { monitored, isIncremental, expected, again, received, rounds } = facts;
  if (monitored) {
    if (expected === null || again === null) return { verdict: "stopped", reason: uncounted(facts.table) };
    const isWhole = received === expected && again === expected;
    const hasGrown = isIncremental && received === again;
    if (!isWhole && !hasGrown) {
      if (again !== expected && rounds < MOST_ROUNDS) return { verdict: "anew" };
      return { verdict: "stopped", reason: again === expected ? incomplete(facts) : changed(facts) };
    }
  }
  if (received > 0) return { verdict: "whole", records: received };
  return isIncremental ? { verdict: "nothing new" } : { verdict: "stopped", reason: empty(facts.table) };
}

const NOTHING = "Nothing was imported, and the table is as it was before.";

function incomplete({ table, expected, received, duplicates }: PulledFacts): Reason {
  const again = duplicates > 0 ? `, ${figure(duplicates)} of them more than once` : "";
  const tooFew = received < (expected ?? 0);
  return {
    code: "pull_incomplete",
    message: `${table}: the system said that it has ${figure(expected)} items, but ${figure(received)} different ones came${again}. ${NOTHING} ${
      tooFew
        ? "Pages left some out: this happens where items are added or removed while a pull goes on, or where pages have no fixed order. Pull again; if it happens again, have the system sort by a unique field, or ask for larger pages."
        : "Its number and its pages do not mean the same items: compare the filter of the count with that of the pages, then pull again."
    }`,
  };
}

function changed({ table, expected, again, received, rounds }: PulledFacts): Reason {
  return {
    code: "pull_count_changed",
    message: `${table}: the system said that it has ${figure(expected)} items before the pull and ${figure(again)} after it; ${figure(received)} came. It changed during each of ${rounds + 1} pulls. ${NOTHING} Pull at a quieter time, or only what has changed.`,
  };
}

/** Why a pull is stopped that brought not one item, although everything was asked for. */
export const empty = (table: string): Reason => ({
  code: "pull_empty",
  message: `${table}: the system has no items at all, and a table is never emptied by a pull. ${NOTHING} Look at the system, and at the filter of the profile; a probe shows what there is.`,
});

/** Why a monitored pull is stopped whose system does not count. */
export const uncounted = (table: string): Reason => ({
  code: "pull_count_missing",
  message: `${table}: the system does not say how many items it has, so nobody can tell whether all came. ${NOTHING} Say in the profile where the number lies, or switch its monitoring off.`,
});

/** What has come so far of a pull, and whether it can still end well. */
export interface Underway {
  table: string;
  pages: number;
  received: number;
  duplicates: number;
  expected: number | null;
  /** Pages in a row that brought nothing but duplicates. */
  idlePages: number;
  sizeBytes: number;
  mostBytes: number;
}

/** Pages in a row without anything new: the system goes round in circles. */
const MOST_IDLE_PAGES = 3;
/** Items at a page's edge come twice where others are added; a tenth of all is no edge. */
const DUPLICATES = { always: 1_000, part: 0.1 };
/** More than twice as many as there should be are no growth. */
const SURPLUS = { factor: 2, always: 10_000 };

/** Why a pull cannot end well any more. Undefined: it still can. */
export function hopeless(facts: Underway): Reason | undefined {
  const { table, pages, received, duplicates, expected, idlePages, sizeBytes, mostBytes } = facts;
  const most = Math.max(DUPLICATES.always, DUPLICATES.part * Math.max(received, expected ?? 0));
  if (idlePages >= MOST_IDLE_PAGES || duplicates > most) {
    return {
      code: "pull_duplicates",
      message: `${table}: by page ${pages}, ${received} different items had come, and ${duplicates} more whose key had come before${
        idlePages >= MOST_IDLE_PAGES ? `; the last ${idlePages} pages brought nothing new` : ""
      }. ${NOTHING} Check the table's key, and how the profile says that pages follow each other.`,
    };
  }
  if (expected !== null && received > expected * SURPLUS.factor + SURPLUS.always) {
    return {
      code: "pull_incomplete",
      message: `${table}: the system said that it has ${figure(expected)} items, but ${figure(received)} had come by page ${pages}, and there was no end. ${NOTHING} Compare the filter of the count with that of the pages, then pull again.`,
    };
  }
  if (sizeBytes > mostBytes) {
    return {
      code: "pull_too_large",
      message: `${table}: by page ${pages} more than ${mostBytes} bytes had come, which is the table's limit (\`limits.totalBytes\`). ${NOTHING} Pull only what has changed, or raise the limit.`,
    };
  }
  return undefined;
}
