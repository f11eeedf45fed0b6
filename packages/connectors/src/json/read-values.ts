import { type Buffer, isUtf8 } from "node:buffer";
import { BrokenAnswer } from "../broken-answer.ts";
import { Slots } from "./kinds.ts";
import { Place, placeTree } from "./place-tree.ts";
import { invalidUtf8At } from "./utf8.ts";
import { valueText } from "./value-text.ts";
import { Walker } from "./walker.ts";

/**
 * Values of an answer as text, whatever else it holds; null where they are absent or null. An empty path is the answer itself.
 * @throws BrokenAnswer when it is no JSON
 */
export function readValues(body: Buffer, paths: readonly (readonly string[])[]): (string | null)[] {
  checkUtf8(body);
  const { root, slots: places, slotCount } = placeTree(paths);
  const slots = new Slots(slotCount);
  const nothing = { root: new Place(), slots: new Slots(0) };
  new Walker({ root, slots }, nothing, { list: () => {}, item: () => {} }).walk(body);
  return places.map((slot) => valueText(body, slots, slot));
}

/** @throws BrokenAnswer naming the first byte that is none */
export function checkUtf8(body: Buffer): void {
  if (isUtf8(body)) return;
  const offset = invalidUtf8At(body);
  const isCut = offset >= body.length - 3;
  throw new BrokenAnswer(`the answer is ${isCut ? "cut off" : "not in UTF-8"} at byte ${offset}`, offset);
}
