/** A number with more digits than that, written out, stays as it is; the check then says that it is no number that it knows. */
const MOST_DIGITS = 1_000;

/** A JSON number without its exponent: `1.5e3` is `1500`, `-2E-3` is `-0.002`. Every digit stays. */
export function plainNumber(text: string): string {
  const [, sign = "", whole = "", fraction = "", power = ""] = /^(-?)(\d+)(?:\.(\d+))?[eE]([+-]?\d+)$/.exec(text) ?? [];
  const exponent = Number(power);
  if (power === "" || whole.length + fraction.length + Math.abs(exponent) > MOST_DIGITS) return text;
  const digits = whole + fraction;
  const point = whole.length + exponent;
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  const padded = digits.padEnd(point, "0");
  const head = padded.slice(0, point).replace(/^0+(?=\d)/, "");
  return sign + head + (padded.length > point ? `.${padded.slice(point)}` : "");
}
