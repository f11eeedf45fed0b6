/**
 * Which of two of the outside system's versions is the later one: greater than 0 when the first is. Undefined: nobody can tell.
 *
 * Whole numbers (also `0x…`, as SQL Server's rowversion) and decimals are compared as numbers of any length, points in time by
 * time. Everything else, such as most ETags, says only whether two are the same: that one text comes after another in the
 * alphabet means nothing, and a change that is taken for an old one would be lost.
 */
export function compareVersions(one: string, other: string): number | undefined {
  const [left, right] = [bare(one), bare(other)];
  if (left === right) return 0;
  const numbers = bothOf(numberOf, left, right);
  if (numbers) return compareNumbers(...numbers);
  const times = bothOf(timeOf, left, right);
  if (times) return times[0] === times[1] ? 0 : times[0] > times[1] ? 1 : -1;
  return undefined;
}

/** ETags have quotes, and weak ones `W/` before them (RFC 9110, section 8.8.3). */
const bare = (version: string) => version.trim().replace(/^(?:W\/)?"(.*)"$/, "$1");

function bothOf<T>(read: (text: string) => T | undefined, one: string, other: string): [T, T] | undefined {
  const [left, right] = [read(one), read(other)];
  return left === undefined || right === undefined ? undefined : [left, right];
}

interface Digits {
  whole: bigint;
  /** After the dot, without zeros at its end. */
  fraction: string;
}

function numberOf(text: string): Digits | undefined {
  if (/^0x[0-9a-f]{1,64}$/i.test(text)) return { whole: BigInt(text), fraction: "" };
  const parts = /^(\d{1,100})(?:\.(\d{1,100}))?$/.exec(text);
  return parts ? { whole: BigInt(parts[1]!), fraction: (parts[2] ?? "").replace(/0+$/, "") } : undefined;
}

function compareNumbers(one: Digits, other: Digits): number {
  if (one.whole !== other.whole) return one.whole > other.whole ? 1 : -1;
  // Digits after the dot are in the alphabet's order.
  if (one.fraction === other.fraction) return 0;
  return one.fraction > other.fraction ? 1 : -1;
}

const TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?$/;

/** In milliseconds, with what is finer behind the dot. A time without a zone is compared with others of the kind. */
function timeOf(text: string): number | undefined {
  const parts = TIME.exec(text);
  if (parts === null) return undefined;
  const zoned = /(?:Z|[+-]\d{2}:?\d{2})$/.test(text) ? text : `${text}Z`;
  const ms = Date.parse(zoned.replace(" ", "T").replace(/([+-]\d{2})(\d{2})$/, "$1:$2"));
  if (Number.isNaN(ms)) return undefined;
  const finer = parts[1]?.slice(4) ?? "";
  return finer === "" ? ms : ms + Number(`0.${finer}`);
}
