// `node test/storyboards/ready-assets.ts`: draws the pictures of the ready storyboards anew, from the SVG sources beside them.
// `… --moments FOLDER` also draws, for every sample, the last moment of each scene: look at them before you commit.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { type StoredAsset, storyboardSchema } from "@inlet/contracts";
import { encodePng, openDrawing, openFonts } from "@inlet/drawing";
import { filmOf, rowOf } from "@inlet/storyboard";
import { readyStoryboards } from "@inlet/storyboard/ready";
import { type ReadyAsset, readyAssets } from "@inlet/storyboard/ready-assets";
import sharp from "sharp";

const FOLDER = path.resolve(import.meta.dirname, "../../packages/storyboard/ready");
const MOST_BYTES = 60 * 1024;
/** How much larger than its source a picture is drawn, for screens of two pixels a point. Pictures of a whole stage are less. */
const SCALE = 1.75;
const STAGE_SCALE = 1.25;

const { values } = parseArgs({ options: { moments: { type: "string" } } });
for (const { name } of readyStoryboards) await drawAssets(name);
if (values.moments !== undefined) await drawMoments(path.resolve(values.moments));

/** `sources/cake.svg` of `birthday` becomes `assets/birthday-cake.webp`: assets of several storyboards lie in one project. */
async function drawAssets(storyboard: string): Promise<void> {
  const sources = path.join(FOLDER, storyboard, "sources");
  for (const source of await readdir(sources)) {
    const svg = await readFile(path.join(sources, source));
    const { width = 0 } = await sharp(svg).metadata();
    const scale = width >= 1280 ? STAGE_SCALE : width < 200 ? 2 : SCALE;
    const bytes = await sharp(svg, { density: 72 * scale })
      .webp({ quality: 84, alphaQuality: 90, effort: 6, smartSubsample: true })
      .toBuffer();
    const name = `${storyboard.split("-")[0]}-${path.basename(source, ".svg")}.webp`;
    if (bytes.length > MOST_BYTES) throw new Error(`${name} has ${bytes.length} bytes, more than ${MOST_BYTES}`);
    await writeFile(path.join(FOLDER, storyboard, "assets", name), bytes);
  }
}

async function drawMoments(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const bytes = new Map<string, Buffer>();
  const drawing = openDrawing({
    fonts: await openFonts(),
    readAsset: async ({ sha256 }) => bytes.get(sha256),
    cacheBytes: 200 * 1024 * 1024,
  });
  for (const { name, document } of readyStoryboards) {
    const storyboard = storyboardSchema.parse(document);
    const files = await Promise.all((await readyAssets(name)).map((file) => read(file, bytes)));
    const assets = Object.fromEntries(files.map((asset) => [asset.name, asset]));
    for (const [index, sample] of storyboard.samples.entries()) {
      const film = filmOf(storyboard, rowOf(sample.values), { assets });
      for (const [at, { untilMs }] of film.scenes.entries()) {
        const picture = await drawing.drawMoment(film, untilMs - 1, "rest");
        await writeFile(path.join(folder, `${name}-${index + 1}-${at + 1}.png`), await encodePng(picture));
      }
    }
  }
}

async function read({ name, file, sizeBytes }: ReadyAsset, bytes: Map<string, Buffer>): Promise<StoredAsset> {
  const content = await readFile(file);
  const { width, height } = await sharp(content).metadata();
  const sha256 = createHash("sha256").update(content).digest("hex");
  bytes.set(sha256, content);
  return { name, kind: "image", sha256, mediaType: "image/webp", sizeBytes, width, height, durationMs: null };
}
