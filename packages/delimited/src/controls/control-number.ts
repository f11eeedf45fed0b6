/**
 * A number as people write it in a trailer or declare it, in canonical form: a sign, digits, and the column's separator or
 * a dot. undefined where it is none: grouping and exponents are not taken.
 */
export function normalizedNumber(text: string, separator: "." | ","): string | undefined {
  const dotted = separator === "," && !text.includes(".") ? text.replace(",", ".") : text;
  const [, sign, digits] = /^([-+]?)0*(\d{1,200}(?:\.\d{1,200})?)$/.exec(dotted) ?? [];
  return digits === undefined ? undefined : `${sign === "-" ? "-" : ""}${digits}`;
}
