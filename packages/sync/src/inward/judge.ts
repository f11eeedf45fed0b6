import type { Values } from "../merge/item.ts";
import { compareVersions } from "./outside-version.ts";

/** What the other side says of one item, checked, in PostgreSQL's words. */
export interface Told {
  /** The mapped columns that it says something of; null: that the item is gone. */
  values: Values | null;
  /** The other side's own version. */
  version?: string | undefined;
  /** When it changed there. Milliseconds since 1970. */
  changedAtMs?: number | undefined;
  /** When we learned of it. */
  receivedAtMs: number;
  /** When the page that it stands on was asked for; left out for what the other side sends by itself. */
  askedAtMs?: number | undefined;
}

/** A version that the item had here. */
export interface KnownVersion {
  /** Null: it was removed. */
  values: Values | null;
  atMs: number;
  /** Whether it is the other side's own word. */
  isTheirs: boolean;
  /** It may be on its way there. */
  isUnsettled: boolean;
}

/** What is known of the item. */
export interface KnownItem {
  /** What it is here now; null: there is none. */
  here: Values | null;
  /** The other side's version when it last took or told something. */
  version?: string | undefined;
  /** What the other side is known to have; undefined: not known. */
  there?: Values | undefined;
  /** When something was last pushed there; undefined: nothing lately. */
  pushedAtMs?: number | undefined;
  /** The item's newest versions here, newest first. */
  versions: readonly KnownVersion[];
  /** Whether our changes go there at all: what never went cannot come back. */
  isOutward: boolean;
}

/** What is to be done with what the other side says. */
export type Judgement =
  | {
      take: "nothing";
      /**
       * `same`: the item is so here. `known`: that is what the other side was known to have. `old`: its version is older than
       * what we know. `echo`: what we have sent, or had here before that, coming back late. `overtaken`: it was asked for before our
       * last push was taken, so nobody knows which came first: to be asked again.
       */
      why: "same" | "known" | "old" | "echo" | "overtaken";
    }
  /** `isUnsure`: our own last word may come there after this one was said, and undo it. */
  | { take: "values"; values: Record<string, string | null>; atMs: number | undefined; isUnsure: boolean }
  | { take: "removal"; atMs: number | undefined; isUnsure: boolean };

/** So long after we have sent something, what we had before may come back as an echo. */
export const ECHO_MS = 10 * 60_000;
/** So far the other side's clock may be from ours. */
const CLOCK_TOLERANCE_MS = 60_000;

/**
 * Judges what the other side says of one item: whether it is news, and which of it.
 *
 * Systems tell of whole items, and tell of what they were just told. So a column counts as changed there only where it differs
 * from what the other side is known to have; and while our own word may still be on its way there or back, only where it differs
 * from what the item was here lately, too: an echo of an earlier push, or an event from before our push came, would undo what was
 * changed here. Who really sets back a value within these minutes, and says no time of change, is heard at the next
 * reconciliation.
 */
export function judge(told: Told, known: KnownItem): Judgement {
  const order = told.version && known.version ? compareVersions(told.version, known.version) : undefined;
  if (order !== undefined && order < 0) return nothing("old");
  if (told.values === null) return judgeRemoval(told, known);
  if (known.here !== null && isWithin(told.values, known.here)) return nothing("same");
  if (known.there && isWithin(told.values, known.there)) return nothing("known");
  if (isOvertaken(told, known)) return nothing("overtaken");
  const late = mayBeLate(told, known) ? lately(told, known) : [];
  if (late.some(({ values }) => values !== null && isWithin(told.values!, values))) return nothing("echo");
  const { there } = known;
  const isNews = (name: string, value: string | null) =>
    there?.[name] !== value && (known.here === null || !late.some(({ values }) => values?.[name] === value));
  // An item that is not here is taken whole.
  const news = Object.entries(told.values).filter(([name, value]) => known.here === null || isNews(name, value));
  if (news.length === 0) return nothing(late.length > 0 ? "echo" : "known");
  return { take: "values", values: Object.fromEntries(news), ...when(told, known) };
}

/**
 * Judges what was found when both sides were compared, and nothing of the item was on its way: what differs is news. Without a time
 * of change it counts as said now.
 */
export function judgeCompared({ values, changedAtMs }: Told, { here }: KnownItem): Judgement {
  const stamped = { atMs: changedAtMs, isUnsure: false };
  if (values === null) return here === null ? nothing("same") : { take: "removal", ...stamped };
  if (here !== null && isWithin(values, here)) return nothing("same");
  const news = Object.entries(values).filter(([name, value]) => here === null || (here[name] ?? null) !== value);
  return { take: "values", values: Object.fromEntries(news), ...stamped };
}

function judgeRemoval(told: Told, known: KnownItem): Judgement {
  if (known.here === null) return nothing("same");
  if (isOvertaken(told, known)) return nothing("overtaken");
  if (mayBeLate(told, known) && lately(told, known).some(({ values }) => values === null)) return nothing("echo");
  return { take: "removal", ...when(told, known) };
}

const nothing = (why: Extract<Judgement, { take: "nothing" }>["why"]): Judgement => ({ take: "nothing", why });

/** Whether all that is said holds of an item. */
const isWithin = (said: Values, item: Values) =>
  Object.entries(said).every(([name, value]) => (item[name] ?? null) === value);

/** A page that was asked for before our last push was taken may be from before it, and from after it. */
function isOvertaken({ askedAtMs }: Told, { isOutward, pushedAtMs }: KnownItem): boolean {
  return isOutward && askedAtMs !== undefined && pushedAtMs !== undefined && askedAtMs < pushedAtMs;
}

/** When something of ours was last on its way there. */
function sentAtMs({ isOutward, pushedAtMs, versions }: KnownItem): number {
  if (!isOutward) return Number.NEGATIVE_INFINITY;
  const own = versions.filter(({ isTheirs }) => !isTheirs).map(({ atMs }) => atMs);
  return Math.max(pushedAtMs ?? Number.NEGATIVE_INFINITY, ...own);
}

/** Whether what is said may be from before our own last word came there. */
function mayBeLate(told: Told, known: KnownItem): boolean {
  const sentMs = sentAtMs(known);
  if (sentMs === Number.NEGATIVE_INFINITY) return false;
  if (isOnItsWay(known)) return true;
  // Who says when it changed there says that it was after.
  if (told.changedAtMs !== undefined && told.changedAtMs > sentMs + CLOCK_TOLERANCE_MS) return false;
  return told.receivedAtMs - sentMs <= ECHO_MS;
}

const isOnItsWay = ({ isOutward, versions }: KnownItem) =>
  isOutward && versions.some(({ isUnsettled, isTheirs }) => isUnsettled && !isTheirs);

/** What the item was lately, and what it was just before. */
function lately({ receivedAtMs }: Told, { versions }: KnownItem): readonly KnownVersion[] {
  const since = receivedAtMs - ECHO_MS;
  const before = versions.findIndex(({ atMs, isUnsettled }) => atMs < since && !isUnsettled);
  return before === -1 ? versions : versions.slice(0, before + 1);
}

/** The stamp, and whether our own word may come there after this one was said. */
function when(told: Told, known: KnownItem): { atMs: number; isUnsure: boolean } {
  const atMs = Math.min(told.changedAtMs ?? told.receivedAtMs, told.receivedAtMs + CLOCK_TOLERANCE_MS);
  return { atMs, isUnsure: mayBeLate(told, known) };
}
