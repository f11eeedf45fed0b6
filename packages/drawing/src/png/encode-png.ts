import { promisify } from "node:util";
import { crc32, deflate } from "node:zlib";
import type { Picture } from "../drawing.ts";
import { sharp } from "../pictures/vips.ts";
import { inPalette } from "./palette.ts";

/** A picture of words and plain colours is well below; photographs are above, and e-mails are read on the way. */
const MAX_TRUE_COLOUR_BYTES = 350 * 1024;
/** One row in so many is looked at. */
const SAMPLED_ROWS = 24;
const LEVEL = 6;

const deflated = promisify<Buffer, { level: number }, Buffer>(deflate);

/**
 * Encodes an `rgb` picture as a PNG. One with a photograph in it, whose PNG would have megabytes, is brought to 256 colours: a
 * third of the bytes, and hardly to be seen.
 */
export async function encodePng(picture: Picture): Promise<Buffer> {
  const { pixels, width, height } = picture;
  if ((await trueColourBytes(picture)) <= MAX_TRUE_COLOUR_BYTES) {
    return await sharp(pixels, { raw: { width, height, channels: 3 } })
      .png({ compressionLevel: LEVEL })
      .toBuffer();
  }
  const { colours, indices } = inPalette(picture);
  // Each row begins with its filter: none, as is best for palettes (PNG, section 12.7).
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) indices.copy(rows, y * (width + 1) + 1, y * width, (y + 1) * width);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits a pixel, colours by palette; compression, filter and interlace are the only or the plain ones.
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("PLTE", colours),
    chunk("IDAT", await deflated(rows, { level: LEVEL })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** About how large the PNG would be, by some of its rows. */
async function trueColourBytes({ pixels, width, height }: Picture): Promise<number> {
  const rows: Buffer[] = [];
  for (let y = SAMPLED_ROWS >> 1; y < height; y += SAMPLED_ROWS)
    rows.push(pixels.subarray(y * width * 3, (y + 1) * width * 3));
  return (await deflated(Buffer.concat(rows), { level: LEVEL })).length * (height / Math.max(1, rows.length));
}

function chunk(name: string, data: Buffer): Buffer {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(name, 4, "latin1");
  data.copy(bytes, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}
