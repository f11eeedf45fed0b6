import { join } from "node:path";
import { InvalidInput } from "@inlet/contracts";
import type { Drawing } from "@inlet/drawing";
import { type Film, type FilmAsset, type FilmLayer, type FilmScene, SLIDE_DISTANCE } from "@inlet/storyboard";
import { scaleOf } from "./expressions.ts";
import { momentOf } from "./frames.ts";
import type { SegmentPictures } from "./segment-graph.ts";
import type { Segment } from "./segments.ts";
import { type Still, writeLayer, writeStill } from "./still.ts";

interface DrawParts {
  drawing: Drawing;
  /** A file with an asset's bytes; undefined: they are not there, and it is left out. */
  fileOf: (asset: FilmAsset) => Promise<string | undefined>;
  /** An empty one, for the pictures of this stretch alone. */
  folder: string;
  signal: AbortSignal;
}

/** Raw pictures of one stretch, all together: more than a hundred full stages. */
const MAX_STILL_BYTES = 512 * 1024 * 1024;
/** As the player: a scene that another one takes the place of stands still at its last moment. */
const LAST_MOMENT_MS = 1;

/** Draws all pictures of a stretch, each once, into raw files. @throws InvalidInput `film_too_heavy` */
export async function drawSegment(film: Film, segment: Segment, parts: DrawParts): Promise<SegmentPictures> {
  const { drawing, fileOf, folder, signal } = parts;
  const { scene, before } = segment;
  const path = (what: string) => join(folder, `${what}.raw`);
  const { asset, fit, dim } = scene.background;
  const video = asset?.kind === "video" ? await fileOf(asset) : undefined;
  // What darkens a film darkens all of it: the filters do that.
  const ground = video === undefined ? scene.background : { ...scene.background, asset: undefined, dim: 0 };
  const background = await writeStill(path("ground"), await drawing.drawBackground(ground, film));
  const [fromMs, untilMs] = [momentOf(segment.firstFrame), momentOf(segment.endFrame)];
  const layers: { layer: FilmLayer; still: NonNullable<Awaited<ReturnType<typeof writeLayer>>> }[] = [];
  let bytes = background.width * background.height * 3;
  for (const [index, layer] of scene.layers.entries()) {
    if (layer.untilMs <= fromMs || layer.fromMs >= untilMs || layer.opacity === 0) continue;
    signal.throwIfAborted();
    const isScaled = scaleOf(layer) !== undefined;
    const drawn = await drawing.drawLayer(layer, isScaled ? "centred" : "tight");
    const view = isScaled ? undefined : viewOf(film);
    const still = drawn && (await writeLayer(path(`layer-${index}`), drawn, view));
    if (still === undefined) continue;
    bytes += still.width * still.height * 4;
    if (bytes > MAX_STILL_BYTES) {
      throw new InvalidInput({
        code: "film_too_heavy",
        message: `Scene ${scene.name} has too many large layers to be made a video of. Make them smaller, or fewer.`,
      });
    }
    layers.push({ layer, still });
  }
  return {
    background,
    backgroundVideo: video === undefined ? undefined : { path: video, fit, dim },
    layers,
    before: before && (await drawLastMoment(film, before, path("before"), drawing)),
  };
}

/** What of a layer can come into view: it may slide in from beyond the stage. */
const viewOf = ({ width, height }: Film) => ({
  left: -SLIDE_DISTANCE,
  top: -SLIDE_DISTANCE,
  right: width + SLIDE_DISTANCE,
  bottom: height + SLIDE_DISTANCE,
});

async function drawLastMoment(film: Film, scene: FilmScene, path: string, drawing: Drawing): Promise<Still> {
  const atMs = scene.untilMs - LAST_MOMENT_MS;
  const alone: FilmScene = {
    ...scene,
    background: { ...scene.background, asset: stillOf(scene.background.asset, atMs - scene.fromMs) },
    transition: { kind: "cut", durationMs: 0 },
  };
  return await writeStill(path, await drawing.drawMoment({ ...film, scenes: [alone] }, atMs, "exact"));
}

/** A film's moment as if it were an image: `<sha256>@<milliseconds>`, which {@link momentOfVideo} takes apart. */
function stillOf(asset: FilmAsset | undefined, atMs: number): FilmAsset | undefined {
  if (asset?.kind !== "video") return asset;
  const withinMs = asset.durationMs === null ? atMs : atMs % asset.durationMs;
  return { ...asset, kind: "image", sha256: `${asset.sha256}@${Math.floor(withinMs)}` };
}

/** The film and its moment that an asset's name means; undefined: it is an image's own. */
export function momentOfVideo(sha256: string): { sha256: string; atMs: number } | undefined {
  const [file, atMs] = sha256.split("@");
  return atMs === undefined ? undefined : { sha256: file!, atMs: Number(atMs) };
}
