import { expect, test } from "vitest";
import { canvasOf } from "../pictures/canvas.ts";
import { sharp } from "../pictures/vips.ts";
import { encodePng } from "./encode-png.ts";

const decoded = async (png: Buffer) => await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });

test("a picture of plain colours is a PNG of exactly those", async () => {
  const picture = canvasOf(300, 200, "#123456");
  const { data, info } = await decoded(await encodePng(picture));
  expect([info.width, info.height, data.equals(picture.pixels)]).toEqual([300, 200, true]);
});

test("one like a photograph is brought to a few colours that look the same", async () => {
  const [width, height] = [800, 600];
  const pixels = Buffer.alloc(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    // A sky with a grain, the same each time.
    const grain = ((Math.imul(i, 2_654_435_761) >>> 16) % 13) - 6;
    pixels.set([60 + y / 5 + grain, 90 + x / 8 + grain, 160 + (x + y) / 20 + grain], i * 3);
  }
  const png = await encodePng({ pixels, format: "rgb", width, height });
  const { data, info } = await decoded(png);
  expect([info.width, info.height, png.includes("PLTE")]).toEqual([width, height, true]);
  expect(png.length).toBeLessThan(
    (
      await sharp(pixels, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer()
    ).length / 2,
  );
  let far = 0;
  for (let i = 0; i < pixels.length; i++) far += Math.abs(pixels[i]! - data[i]!);
  expect(far / pixels.length).toBeLessThan(5);
});
