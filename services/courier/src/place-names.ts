/** The longest file name of the usual file systems, in bytes, less the flag's suffix. */
const LONGEST_BYTES = 255 - 4;

/** What a name ends with, also below what encryption adds: `.csv`, `.csv.gpg`. */
const EXTENSION = /^(.+?)((?:\.(?:csv|tsv|txt|dat|zip))?\.(?:gpg|pgp|asc)|\.[^.]*)$/is;

/** The flag file of a result: written last, when all is whole and in its place. */
export const flagName = (name: string): string => `${name}.flg`;

/**
 * The names under which a file may be put, in order of preference: its own, and one that no other batch has. The second is
 * taken where another batch's file with other content is in the way.
 */
export function placeNames(name: string, batchId: number): readonly [string, string] {
  return [besideName(name, ""), besideName(name, ` (batch ${batchId})`)];
}

/** A name with a mark before its extension, so that what opens the file still knows it. */
export function besideName(name: string, mark: string): string {
  const [, stem = name, extension = ""] = EXTENSION.exec(name) ?? [];
  return fit(stem, mark + extension);
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
