/** How many of a file's first bytes {@link looksLikeImage} wants. */
export const MAGIC_BYTES = 1024;

/** Whether a file begins as images do: then it is opened as one. What it truly is comes out when it is. */
export function looksLikeImage(head: Buffer): boolean {
  const latin = head.toString("latin1");
  if (latin.startsWith("\xff\xd8\xff") || latin.startsWith("\x89PNG") || latin.startsWith("GIF8")) return true;
  if (latin.startsWith("RIFF") && latin.startsWith("WEBP", 8)) return true;
  if (latin.startsWith("BM") || latin.startsWith("II*\0") || latin.startsWith("MM\0*")) return true;
  // HEIF and AVIF are boxes as MP4 is.
  if (latin.startsWith("ftyp", 4)) return /^(avi[fs]|hei[cfsx]|he[vi]c|mif1|msf1)/.test(latin.slice(8, 12));
  return /^(\xef\xbb\xbf)?\s*<(\?xml|!--|!DOCTYPE svg|svg)/i.test(latin) && /<svg|<\?xml/i.test(latin);
}
