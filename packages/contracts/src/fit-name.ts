/** The longest file name of the usual file systems, in bytes, less room for a flag file's `.flg`. */
const LONGEST_NAME_BYTES = 255 - 4;

const bytesOf = (text: string) => new TextEncoder().encode(text).length;

/** A file name of a part that may be cut, at its end, and one that stays: as long as file systems take it, whole characters. */
export function fitName(start: string, end: string): string {
  const room = LONGEST_NAME_BYTES - bytesOf(end);
  if (bytesOf(start) <= room) return start + end;
  let kept = "";
  let bytes = 0;
  for (const character of start) {
    bytes += bytesOf(character);
    if (bytes > room) break;
    kept += character;
  }
  return kept + end;
}
