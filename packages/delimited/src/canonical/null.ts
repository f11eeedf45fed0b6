/** Whether a canonical cell is NULL, which is written as `\N`. */
export function isNull(out: Uint8Array, start: number, end: number): boolean {
  return end - start === 2 && out[start] === 0x5c && out[start + 1] === 0x4e;
}
