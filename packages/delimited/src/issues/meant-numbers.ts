/** What stands between groups of three digits besides a dot or a comma: kinds of spaces, and Swiss apostrophes. */
const GROUP_MARKS = "[ \\u00a0\\u2009\\u202f'\\u2019]";
const BY_MARK = new RegExp(`^[1-9]\\d{0,2}(?:${GROUP_MARKS}\\d{3})+(?:[.,]\\d+)?$`);
const MARKS = new RegExp(GROUP_MARKS, "g");
/** Groups parted by dots or by commas: with a fraction after the other mark, and several groups without one. */
const GROUPED = [
  { group: ".", point: ",", withFraction: /^[1-9]\d{0,2}(?:\.\d{3})+,\d+$/, whole: /^[1-9]\d{0,2}(?:\.\d{3}){2,}$/ },
  { group: ",", point: ".", withFraction: /^[1-9]\d{0,2}(?:,\d{3})+\.\d+$/, whole: /^[1-9]\d{0,2}(?:,\d{3}){2,}$/ },
] as const;

/**
 * What a text certainly means as a number with this separator: one with thousands separators, with the other decimal
 * separator, with its minus at the end or as typographers set it. Not `1,234`, which may mean thousands.
 */
export function numbersMeant(separator: "." | ",", text: string): string[] {
  const [sign, digits] = signOf(text);
  const meant = plainDigits(separator, digits);
  return meant === undefined ? [] : [`${sign}${meant}`];
}

/** One group of three digits behind one mark: a thousand and something, or a fraction. */
const ONE_GROUP = /^[1-9]\d{0,2}[.,]\d{3}$/;

/** A whole number that was written with thousands separators, or with a fraction of zeros. Not `1.000`: one, or a thousand. */
export function integersMeant(text: string): string[] {
  if (ONE_GROUP.test(signOf(text)[1])) return [];
  const [number] = numbersMeant(".", text);
  const [, whole] = /^([-+]?\d+)(?:\.0*)?$/.exec(number ?? "") ?? [];
  return whole === undefined ? [] : [whole];
}

function signOf(text: string): [sign: string, digits: string] {
  const minus = /^[-\u2212\u2013]\s?(?=[\d.,])/.exec(text);
  if (minus !== null) return ["-", text.slice(minus[0].length)];
  if (/\d-$/.test(text)) return ["-", text.slice(0, -1)];
  return text.startsWith("+") ? ["", text.slice(1)] : ["", text];
}

function plainDigits(separator: "." | ",", text: string): string | undefined {
  const ungrouped = BY_MARK.test(text) ? text.replace(MARKS, "") : text;
  const isGroupedByMark = ungrouped !== text;
  for (const { group, point, withFraction, whole } of GROUPED) {
    if (withFraction.test(ungrouped)) return ungrouped.replaceAll(group, "").replace(point, separator);
    if (whole.test(ungrouped)) return ungrouped.replaceAll(group, "");
  }
  const [, whole, mark, fraction] = /^(\d*)([.,]?)(\d*)$/.exec(ungrouped) ?? [];
  if (whole === undefined || fraction === undefined || `${whole}${fraction}` === "") return undefined;
  if (mark === "" || mark === separator) return ungrouped;
  const mayBeThousands = !isGroupedByMark && ONE_GROUP.test(ungrouped);
  return mayBeThousands ? undefined : `${whole}${separator}${fraction}`;
}
