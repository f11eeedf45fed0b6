/** Which characters a set of fonts can draw. */
export interface FontCoverage {
  has(codePoint: number): boolean;
}

/**
 * Reads the character maps of TrueType and OpenType fonts: table `cmap`, subtables of the formats 4 and 12, which are all
 * that Unicode fonts use (OpenType specification 1.9.1, "cmap").
 */
export function fontCoverage(fonts: readonly Buffer[]): FontCoverage {
  const ranges = fonts.flatMap((font) => [...mappedRanges(font)]);
  const pages = new Map<number, Uint8Array>();
  for (const [first, last] of ranges) {
    for (let codePoint = first; codePoint <= last; codePoint++) {
      const page = codePoint >> 8;
      let bits = pages.get(page);
      if (bits === undefined) {
        bits = new Uint8Array(256);
        pages.set(page, bits);
      }
      bits[codePoint & 255] = 1;
    }
  }
  return { has: (codePoint) => pages.get(codePoint >> 8)?.[codePoint & 255] === 1 };
}

type Range = readonly [first: number, last: number];

function* mappedRanges(font: Buffer): Generator<Range> {
  const cmap = tableOffset(font, "cmap");
  if (cmap === undefined) return;
  const count = font.readUInt16BE(cmap + 2);
  for (let i = 0; i < count; i++) {
    const subtable = cmap + font.readUInt32BE(cmap + 4 + i * 8 + 4);
    const format = font.readUInt16BE(subtable);
    if (format === 4) yield* segmentRanges(font, subtable);
    if (format === 12) yield* groupRanges(font, subtable);
  }
}

function tableOffset(font: Buffer, tag: string): number | undefined {
  const count = font.readUInt16BE(4);
  for (let entry = 12; entry < 12 + count * 16; entry += 16) {
    if (font.toString("latin1", entry, entry + 4) === tag) return font.readUInt32BE(entry + 8);
  }
  return undefined;
}

function* segmentRanges(font: Buffer, subtable: number): Generator<Range> {
  const bytes = font.readUInt16BE(subtable + 6);
  const [ends, starts] = [subtable + 14, subtable + 16 + bytes];
  const [deltas, offsets] = [starts + bytes, starts + 2 * bytes];
  for (let i = 0; i < bytes; i += 2) {
    const [first, last] = [font.readUInt16BE(starts + i), font.readUInt16BE(ends + i)];
    const rangeOffset = font.readUInt16BE(offsets + i);
    if (rangeOffset === 0) {
      if (first !== 0xffff) yield [first, last];
      continue;
    }
    const delta = font.readUInt16BE(deltas + i);
    for (let codePoint = first; codePoint <= last && codePoint !== 0xffff; codePoint++) {
      const at = offsets + i + rangeOffset + (codePoint - first) * 2;
      const glyph = at + 2 <= font.length ? font.readUInt16BE(at) : 0;
      if (glyph !== 0 && ((glyph + delta) & 0xffff) !== 0) yield [codePoint, codePoint];
    }
  }
}

function* groupRanges(font: Buffer, subtable: number): Generator<Range> {
  const count = font.readUInt32BE(subtable + 12);
  for (let group = subtable + 16; group < subtable + 16 + count * 12; group += 12) {
    yield [font.readUInt32BE(group), font.readUInt32BE(group + 4)];
  }
}
