/**
 * Whether a drawing names anything outside itself (files, addresses) or declares entities. What librsvg would do with them is
 * not asked: it loads nothing from elsewhere for bytes without an address, and this does not rely on it.
 */
export function hasOutsideParts(source: Buffer): boolean {
  // The encodings that XML parsers take without a word; in UTF-16 nothing below would match.
  const text = source[0] === 0xff || source[0] === 0xfe || source[1] === 0 ? undefined : source.toString("utf8");
  if (text === undefined) return true;
  if (/<!ENTITY/i.test(text) || /<!DOCTYPE[^>]*\[/i.test(text)) return true;
  if (/<\s*([a-z0-9_-]+:)?(include|foreignObject|script|iframe)\b/i.test(text) || /@import/i.test(text)) return true;
  if (/<\?xml-stylesheet/i.test(text)) return true;
  const links = [...text.matchAll(/(?:href|src)\s*=\s*(["'])(.*?)\1/gis)].map(([, , target]) => target!.trim());
  const addresses = [...text.matchAll(/url\(\s*(["']?)(.*?)\1\s*\)/gis)].map(([, , target]) => target!.trim());
  return [...links, ...addresses].some((target) => !/^(#|data:image\/(png|jpe?g|webp|gif);base64,|$)/i.test(target));
}
