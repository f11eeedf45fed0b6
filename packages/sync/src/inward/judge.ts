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
  /** The other side's version, or else time, when it last took or told something. */
  version?: string | undefined;
  /** What the other side is known to have; undefined: not known. */
  there?: Values | undefined;
  /** When something was last taken there; undefined: nothing lately. */
  pushedAtMs?: number | undefined;
  /** The item's newest versions here, newest first. */
  versions: readonly KnownVersion[];
  /** Whether our changes go there at all: what never went cannot come back. */
  isOutward: boolean;
  /** The {@link markOf} of what the other side said when it was last sent ours in answer; undefined: it was not, lately. */
  answered?: string | undefined;
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

/** So long after we have sent something, what we had before may come back as an echo, where nothing says when it changed there. */
export const ECHO_MS = 10 * 60_000;
/** So far the other side's clock may be from ours when it says that something changed before it had our push. */
const CLOCK_TOLERANCE_MS = 2_000;

/**
 * Judges what the other side says of one item: whether it is news, and which of it.
 *
 * Systems tell of whole items, and tell of what they were just told. So a column counts as changed there only where it differs
 * from what the other side is known to have; and where the word may be from before our own last one came there, only where it
 * differs from what the item was here lately, too: an echo of an earlier push, or an event from before our push came, would undo
 * what was changed here. Who really sets a value back at that moment is sent ours in answer; if he says the same once more, it is
 * taken, and the conflict rules decide.
 */
export function judge(told: Told, known: KnownItem): Judgement {
  const mark = markOf(told);
  const order = mark && known.version ? compareVersions(mark, known.version) : undefined;
  if (order !== undefined && order < 0) return nothing("old");
  if (isSame(told, known.here)) return nothing("same");
  if (told.values !== null && known.there && isWithin(told.values, known.there)) return nothing("known");
  if (isOvertaken(told, known)) return nothing("overtaken");
  const isLate = mayBeLate(told, known);
  const late = isLate && !isInsisted(told, known) ? lately(told, known) : [];
  if (late.some(({ values }) => isSame(told, values))) return nothing("echo");
  if (told.values === null) return { take: "removal", atMs: stampOf(told), isUnsure: isLate };
  const { there, here } = known;
  const isStale = (name: string, value: string | null) => late.some(({ values }) => values?.[name] === value);
  // An item that is not here is taken whole.
  const news = Object.entries(told.values).filter(
    ([name, value]) => here === null || (here[name] !== value && there?.[name] !== value && !isStale(name, value)),
  );
  if (news.length === 0) return nothing(late.length > 0 ? "echo" : "known");
  return { take: "values", values: Object.fromEntries(news), atMs: stampOf(told), isUnsure: isLate };
}

/**
 * Judges what was found when both sides were compared, and nothing of the item was on its way: what differs is news. Without a time
 * of change it counts as said now.
 */
export function judgeCompared(told: Told, { here }: KnownItem): Judgement {
  const { values, changedAtMs } = told;
  if (isSame(told, here)) return nothing("same");
  const stamped = { atMs: changedAtMs, isUnsure: false };
  if (values === null) return { take: "removal", ...stamped };
  const news = Object.entries(values).filter(([name, value]) => here === null || (here[name] ?? null) !== value);
  return { take: "values", values: Object.fromEntries(news), ...stamped };
}

/**
 * Whether ours is to be sent there: nothing has changed here though they say something else, so that no change of ours tells of it;
 * or our own word may come there after this one was said, and undo it.
 * @param after the item's mapped columns now; null: it is not here
 */
export function mustAnswer(
  told: Told,
  judgement: Judgement,
  { known, after, hasChanged }: { known: KnownItem; after: Values | null; hasChanged: boolean },
): boolean {
  if (!known.isOutward) return false;
  if (judgement.take === "nothing") {
    if (judgement.why === "echo") return true;
    // Nobody can tell whether it was said before ours came there, or because ours was not taken there.
    return judgement.why === "known" && isOnItsWay(known);
  }
  if (judgement.isUnsure) return true;
  // A removal that came late, of an item that is there again: what it took away with it, no change tells of.
  return !isSame(told, after) && (told.values === null || !hasChanged);
}

/**
 * By what a word of the other side's is known again, and known as older than another: its version, else its time of change.
 * Undefined: it says neither, or a time that has not come, with which all that comes until then would be old.
 */
export function markOf({ version, changedAtMs, receivedAtMs }: Omit<Told, "values">): string | undefined {
  if (version !== undefined) return version;
  if (changedAtMs === undefined || changedAtMs > receivedAtMs + CLOCK_TOLERANCE_MS) return undefined;
  return new Date(changedAtMs).toISOString();
}

const nothing = (why: Extract<Judgement, { take: "nothing" }>["why"]): Judgement => ({ take: "nothing", why });

/** Whether all that is said holds of an item; null: there is none. */
function isSame({ values }: Pick<Told, "values">, item: Values | null): boolean {
  if (values === null || item === null) return values === item;
  return isWithin(values, item);
}

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
  if (told.changedAtMs !== undefined) return told.changedAtMs <= sentMs + CLOCK_TOLERANCE_MS;
  return told.receivedAtMs - sentMs <= ECHO_MS;
}

const isOnItsWay = ({ isOutward, versions }: KnownItem) =>
  isOutward && versions.some(({ isUnsettled, isTheirs }) => isUnsettled && !isTheirs);

/** Whether it says, after it was sent ours, once more what it said before. */
function isInsisted(told: Told, { answered }: KnownItem): boolean {
  return answered !== undefined && answered === markOf(told);
}

/** What the item was lately, and what it was just before. */
function lately({ receivedAtMs }: Told, { versions }: KnownItem): readonly KnownVersion[] {
  const since = receivedAtMs - ECHO_MS;
  const before = versions.findIndex(({ atMs, isUnsettled }) => atMs < since && !isUnsettled);
  return before === -1 ? versions : versions.slice(0, before + 1);
}

const stampOf = ({ changedAtMs, receivedAtMs }: Told) =>
  Math.min(changedAtMs ?? receivedAtMs, receivedAtMs + CLOCK_TOLERANCE_MS);
