/** LF and CR; a line ends with either, or with CR and LF together. */
export const LF = 10;
export const CR = 13;

/** The position of the first LF or CR from `from` on, or `to`. */
export function findLineEnd(bytes: Uint8Array, from: number, to: number): number {
  let i = from;
  while (i < to && bytes[i] !== LF && bytes[i] !== CR) i += 1;
  return i;
}

/** How many lines end between two positions; a pair counts where its LF is. */
export function countLineEnds(bytes: Uint8Array, from: number, to: number): number {
  let lines = 0;
  for (let i = from; i < to; i += 1) {
    if (bytes[i] === LF || (bytes[i] === CR && bytes[i + 1] !== LF)) lines += 1;
  }
  return lines;
}

/** Whether there is nothing but spaces and tabs. */
export function isBlank(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i += 1) {
    if (bytes[i] !== 0x20 && bytes[i] !== 0x09) return false;
  }
  return true;
}
