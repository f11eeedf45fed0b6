import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Drawing } from "@inlet/drawing";
import type { Film, FilmAsset } from "@inlet/storyboard";
import type { Ffmpeg } from "../ffmpeg/find-ffmpeg.ts";
import { FROM_FILES, QUIET } from "../ffmpeg/options.ts";
import { type ProgramLimits, runProgram } from "../ffmpeg/run-program.ts";
import { drawSegment } from "./draw-segment.ts";
import { AAC, BARE_MP4, H264 } from "./encoding.ts";
import { numeral } from "./expressions.ts";
import { FRAME_RATE } from "./frames.ts";
import { type FilterGraph, segmentGraph } from "./segment-graph.ts";
import { type Segment, segmentsOf } from "./segments.ts";
import { soundGraph } from "./sound-graph.ts";

/** What a film is rendered with. */
export interface RenderParts {
  ffmpeg: Ffmpeg;
  drawing: Drawing;
  /** A file with an asset's bytes; undefined: they are not there, and it is left out. */
  fileOf: (asset: FilmAsset) => Promise<string | undefined>;
  /** An empty folder, the caller's to remove. */
  folder: string;
  limits: ProgramLimits;
  /** Stretches of the film that are made side by side. */
  sideBySide: number;
  signal: AbortSignal;
}

/**
 * Renders a film: draws each layer once, lets ffmpeg's filters move them, stretch by stretch, and puts picture and sound into one
 * file. Resolves to its path, in `folder`.
 * @throws InvalidInput `film_too_heavy`; InvariantBroken as `runProgram`
 */
export async function renderVideo(film: Film, parts: RenderParts): Promise<string> {
  const segments = segmentsOf(film);
  // One that fails ends the others.
  const failed = new AbortController();
  const within = { ...parts, signal: AbortSignal.any([parts.signal, failed.signal]) };
  const queue = [...segments.entries()];
  const workers = Array.from({ length: Math.min(parts.sideBySide, segments.length) }, async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await renderSegment(film, next, within);
  });
  const works = [renderSound(film, within), ...workers] as const;
  try {
    const [sound] = await Promise.all(works);
    return await putTogether(segments, sound, parts);
  } catch (error) {
    failed.abort(error);
    await Promise.allSettled(works);
    throw error;
  }
}

/** The stretches keep the cores busy between them; of one with many threads each would have to be given memory. */
const THREADS = ["-threads", "2"];

const partName = (index: number) => `part-${index}.mp4`;

async function renderSegment(film: Film, [index, segment]: [number, Segment], parts: RenderParts): Promise<void> {
  const folder = join(parts.folder, `stills-${index}`);
  await mkdir(folder);
  const pictures = await drawSegment(film, segment, { ...parts, folder });
  const frames = segment.endFrame - segment.firstFrame;
  await runFilters(segmentGraph(film, segment, pictures), parts, [
    ...["-map", "[film]", "-frames:v", `${frames}`, ...H264, ...THREADS, ...BARE_MP4, partName(index)],
  ]);
  // Of a long film all of them together would fill a disk.
  await rm(folder, { recursive: true });
}

const SOUND = "sound.m4a";

/** Undefined: the film has none. */
async function renderSound(film: Film, parts: RenderParts): Promise<string | undefined> {
  const files = new Map<string, string>();
  for (const { asset } of film.sounds) {
    const path = await parts.fileOf(asset);
    if (path !== undefined) files.set(asset.sha256, path);
  }
  const sounds = film.sounds.filter(
    ({ asset, fromMs, untilMs }) => files.has(asset.sha256) && fromMs < Math.min(untilMs, film.durationMs),
  );
  if (sounds.length === 0) return undefined;
  const graph = soundGraph({ ...film, sounds }, (sha256) => files.get(sha256)!);
  await runFilters(graph, parts, ["-map", "[sound]", ...AAC, ...BARE_MP4, SOUND]);
  return SOUND;
}

async function runFilters(
  { inputs, script }: FilterGraph,
  { ffmpeg, folder, limits, signal }: RenderParts,
  output: string[],
): Promise<void> {
  // Not by a file: ffmpeg's word for that has changed with its versions. The longest script is a quarter of what may stand here.
  const filters = ["-filter_complex_threads", "2", "-filter_complex", script];
  const args = [...QUIET, ...inputs.flat(), ...filters, ...output];
  await runProgram(ffmpeg.ffmpeg, args, { limits, folder, signal });
}

/** Puts the stretches one after the other, and the sound beside them, without encoding anything again. */
async function putTogether(
  segments: readonly Segment[],
  sound: string | undefined,
  { ffmpeg, folder, limits, signal }: RenderParts,
): Promise<string> {
  // The files' own durations are rounded to milliseconds; the next one would begin a little late.
  const list = segments.flatMap(({ firstFrame, endFrame }, index) => [
    `file ${partName(index)}`,
    `duration ${numeral((endFrame - firstFrame) / FRAME_RATE)}`,
  ]);
  await writeFile(join(folder, "parts.txt"), `ffconcat version 1.0\n${list.join("\n")}\n`);
  const picture = ["-f", "concat", ...FROM_FILES, "-i", "parts.txt"];
  const beside = sound === undefined ? [] : [...FROM_FILES, "-i", sound];
  const maps = ["-map", "0:v", ...(sound === undefined ? [] : ["-map", "1:a"]), "-c", "copy"];
  const args = [...QUIET, ...picture, ...beside, ...maps, ...BARE_MP4, "video.mp4"];
  await runProgram(ffmpeg.ffmpeg, args, { limits, folder, signal });
  return join(folder, "video.mp4");
}
