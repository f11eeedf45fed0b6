/** Zeros at its ends are taken away by hand: a pattern would try each of a million of them as the first. */
const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?$/;
/** Without leading zeros: `007` is a code, not seven. */
const WRITTEN_AS_NUMBER = /^[+-]?(0|[1-9]\d*)(\.\d+)?$/;

/** A decimal number of any length, comparable without loss. */
export interface Decimal {
  negative: boolean;
  /** Without leading zeros; `0` for none. */
  whole: string;
  /** Without trailing zeros. */
  fraction: string;
}

/** Reads a number with a decimal point; undefined when the text is none. */
export function decimalOf(text: string): Decimal | undefined {
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const [, sign, digits, decimals = ""] = match as unknown as [string, string, string, string?];
  let from = 0;
  while (from < digits.length - 1 && digits[from] === "0") from += 1;
  let to = decimals.length;
  while (to > 0 && decimals[to - 1] === "0") to -= 1;
  const [whole, fraction] = [digits.slice(from), decimals.slice(0, to)];
  const isZero = whole === "0" && fraction === "";
  return { negative: sign === "-" && !isZero, whole, fraction };
}

/** Whether a text is a number and not, say, an article's code or a postcode that begins with a zero. */
export function isWrittenAsNumber(text: string): boolean {
  return WRITTEN_AS_NUMBER.test(text);
}

/** Below zero, zero, above zero: as for sorting. */
export function compareDecimals(left: Decimal, right: Decimal): number {
  if (left.negative !== right.negative) return left.negative ? -1 : 1;
  const size = compareSizes(left, right);
  return left.negative ? -size : size;
}

function compareSizes(left: Decimal, right: Decimal): number {
  if (left.whole.length !== right.whole.length) return left.whole.length - right.whole.length;
  if (left.whole !== right.whole) return left.whole < right.whole ? -1 : 1;
  if (left.fraction === right.fraction) return 0;
  return left.fraction < right.fraction ? -1 : 1;
}
