const MAX_BYTES = 255;

/**
 * An attachment's name as a file name: without the folders, the control characters and the characters that turn the
 * direction of writing which a sender may have put there, and not hidden. Null when nothing is left.
 */
export function readFileName(name: string): string | null {
  const last = name.split(/[/\\]/).at(-1) ?? "";
  const plain = last
    .normalize("NFC")
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, "")
    .trim()
    .replace(/^\.+/, "");
  return shorten(plain) || null;
}

/** A longer name loses of its stem: its end says what the file is. */
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= MAX_BYTES) return name;
  const extensions = /(\.[A-Za-z0-9]{1,8}){1,2}$/.exec(name)?.[0] ?? "";
  const stem = [...name.slice(0, name.length - extensions.length)];
  while (Buffer.byteLength(stem.join("")) + extensions.length > MAX_BYTES) stem.length -= 1;
  return stem.join("") + extensions;
}
