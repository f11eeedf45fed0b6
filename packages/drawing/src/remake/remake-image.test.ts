import { describe, expect, test } from "vitest";
import { sharp } from "../pictures/vips.ts";
import { colourAt, halves } from "../testing.ts";
import { MAX_IMAGE_BYTES, remakeImage } from "./remake-image.ts";
import { remake } from "./remaking.ts";
import { hasOutsideParts } from "./svg-source.ts";

const svg = (content: string, attributes = 'viewBox="0 0 20 10"') =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${content}</svg>`);

describe("an uploaded image", () => {
  test("is made anew by a process of its own: turned as the camera says, and nothing of what it said of itself", async () => {
    const upload = await sharp(await halves("#ff0000", "#0000ff"))
      .withExif({ IFD0: { Copyright: "a name" } })
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 100 })
      .toBuffer();
    const { bytes, width, height } = await remakeImage(upload);
    expect([width, height]).toEqual([20, 40]);
    const { exif, icc, xmp, format } = await sharp(bytes).metadata();
    expect({ exif, icc, xmp, format }).toEqual({ exif: undefined, icc: undefined, xmp: undefined, format: "webp" });
    const { data } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const picture = { pixels: data, format: "rgb", width, height } as const;
    expect([colourAt(picture, 10, 5).slice(1, 2), colourAt(picture, 10, 35).slice(5, 6)]).toEqual(["f", "f"]);
  });

  test("that is none is refused, and says what to do", async () => {
    await expect(remakeImage(Buffer.from("<!doctype html><p>no"))).rejects.toMatchObject({ code: "image_unreadable" });
    await expect(remakeImage(Buffer.alloc(MAX_IMAGE_BYTES + 1))).rejects.toMatchObject({ code: "image_too_large" });
  });

  test.each(["png", "webp", "gif", "avif"] as const)("may be a file of the kind %s", async (format) => {
    const upload = await sharp(await halves("#ff0000", "#0000ff"))
      [format]()
      .toBuffer();
    expect(await remake(upload)).toMatchObject({ width: 40, height: 20 });
  });

  test("keeps what is transparent, and is not larger than it is shown", async () => {
    const upload = await sharp({ create: { width: 4_000, height: 100, channels: 4, background: "#00000000" } })
      .png()
      .toBuffer();
    const { bytes, width } = await remake(upload);
    expect([width, (await sharp(bytes).stats()).isOpaque]).toEqual([2_560, false]);
  });

  test("that would fill the memory is refused before it is opened", async () => {
    const bomb = await sharp({ create: { width: 16_000, height: 7_000, channels: 3, background: "#000000" } })
      .png()
      .toBuffer();
    expect(bomb.length).toBeLessThan(1024 * 1024);
    await expect(remake(bomb)).rejects.toMatchObject({ code: "image_too_large" });
    await expect(remake(svg("", 'width="500000" height="9"'))).rejects.toMatchObject({ code: "image_too_large" });
  });

  test("that is damaged, or of a kind that browsers do not show, is refused", async () => {
    const whole = await sharp(await halves("#ff0000", "#0000ff", 400, 400))
      .jpeg()
      .toBuffer();
    await expect(remake(whole.subarray(0, whole.length / 2))).rejects.toMatchObject({ code: "image_unreadable" });
    const tiff = await sharp(await halves("#ff0000", "#0000ff"))
      .tiff()
      .toBuffer();
    await expect(remake(tiff)).rejects.toMatchObject({ code: "image_format" });
  });
});

describe("an uploaded drawing", () => {
  test("becomes a picture, as large as it is shown", async () => {
    const { bytes, width, height } = await remake(svg('<rect width="10" height="10" fill="#ff0000"/>'));
    expect([width, height]).toEqual([2_560, 1_280]);
    const { data } = await sharp(bytes).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    expect([...data.subarray(0, 4)].map((value) => value > 250)).toEqual([true, false, false, true]);
    expect(data.at(-1)).toBe(0);
  });

  test.each<[string, Buffer]>([
    ["a file", svg('<image href="file:///etc/hostname" width="9" height="9"/>')],
    ["an address", svg('<use xlink:href="https://example.org/a.svg#b"/>')],
    ["a style", svg("<style>@import url(https://example.org/a.css);</style>")],
    ["a font", svg("<style>@font-face { src: url('/etc/a.ttf') }</style>")],
    ["an inclusion", svg('<xi:include href="#a"/>')],
    [
      "entities",
      Buffer.from('<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
    ],
    ["a script", svg("<script>1</script>")],
    ["another encoding", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', "utf16le")],
  ])("that brings %s is refused", async (_, source) => {
    expect(hasOutsideParts(source)).toBe(true);
    await expect(remake(source)).rejects.toMatchObject({ retryable: false });
  });

  test("may name its own parts, and have pictures within it", () => {
    const own = svg(
      '<linearGradient id="a"/><rect fill="url(#a)"/><use href="#b"/><image href="data:image/png;base64,AA=="/>',
    );
    expect(hasOutsideParts(own)).toBe(false);
  });
});
