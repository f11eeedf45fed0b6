import { Buffer } from "node:buffer";
import { withoutBlank } from "./compact.ts";
import { ABSENT, ESCAPED_TEXT, EXPONENT, NESTED, type Slots } from "./kinds.ts";
import { plainNumber } from "./plain-number.ts";
import { decodedText } from "./text.ts";

/** A value as text; null where it is absent or null. */
export function valueText(body: Buffer, { kinds, starts, ends }: Slots, slot: number): string | null {
  const kind = kinds[slot]!;
  const [from, to] = [starts[slot]!, ends[slot]!];
  if (kind === ABSENT) return null;
  if (kind === ESCAPED_TEXT) return decodedText(body, from, to).toString("utf8");
  if (kind === EXPONENT) return plainNumber(body.toString("latin1", from, to));
  if (kind === NESTED) {
    const out = Buffer.allocUnsafe(to - from);
    return out.toString("utf8", 0, withoutBlank(body, from, to, out));
  }
  return body.toString("utf8", from, to);
}
