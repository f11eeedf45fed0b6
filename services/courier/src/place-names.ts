import { extname } from "node:path";

/** The longest file name of the usual file systems, in bytes, less the flag's suffix. */
const LONGEST_BYTES = 255 - 4;

/** The flag file of a result: written last, when the result is whole and in its place. */
export const flagName = (name: string): string => `${name}.flg`;

/**
 * The names under which a result may be put, in order of preference: its own, and one that no other batch has. The
 * second is taken where another batch's file with other content is in the way.
 */
export function placeNames(name: string, batchId: number): readonly [string, string] {
  const extension = extname(name);
  const stem = name.slice(0, name.length - extension.length);
  return [fit(stem, extension), fit(stem, ` (batch ${batchId})${extension}`)];
}

/** Cuts the stem so that the name fits, between characters. */
function fit(stem: string, end: string): string {
  const characters = [...stem];
  while (characters.length > 0 && Buffer.byteLength(characters.join("") + end) > LONGEST_BYTES) characters.pop();
  return characters.join("") + end;
}

/**
 * The hidden name of a copy in the making. Of its own per attempt, so that a worker who was thought dead and comes back
 * never publishes what its successor is still writing.
 */
export const temporaryName = (batchId: number, epoch: number): string => `.inlet-${batchId}-${epoch}.part`;

/** Whether a name is that of an earlier attempt's copy of this batch. */
export function isEarlierAttempt(name: string, batchId: number, epoch: number): boolean {
  const found = new RegExp(`^\\.inlet-${batchId}-([0-9]+)\\.part$`).exec(name);
  return found !== null && Number(found[1]) < epoch;
}
