import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { PageFilm } from "@inlet/player/page";
import { buildPlayer, requireDebianTool } from "@inlet/stack";
import type { FilmAsset } from "@inlet/storyboard";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDrawing, openFonts } from "../../packages/drawing/src/index.ts";
import { findFfmpeg } from "../../services/renderer/src/ffmpeg/find-ffmpeg.ts";
import { momentOfVideo } from "../../services/renderer/src/video/draw-segment.ts";
import { FRAME_RATE, momentOf } from "../../services/renderer/src/video/frames.ts";
import { renderVideo } from "../../services/renderer/src/video/render-video.ts";
import { stillOfVideo } from "../../services/renderer/src/video/still-of-video.ts";
import { openBrowser, Visitor } from "../console/browser.ts";
import { FilmServer } from "../player/film-page.ts";
import { ASSETS, pageFilm } from "../player/sample-film.ts";

/** The video and the player, side by side: the same moment of the same film looks the same. */

const tool = await requireDebianTool("ffmpeg");
const [WIDTH, HEIGHT] = [640, 360];

let browser: Browser;
let server: FilmServer;
let folder: string;
let film: PageFilm;
let video: string;
beforeAll(async () => {
  await buildPlayer();
  folder = await mkdtemp(join(tmpdir(), "inlet video "));
  film = pageFilm();
  [browser, server, video] = await Promise.all([openBrowser(), FilmServer.open(ASSETS), render()]);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

const assetOf = ({ sha256 }: Pick<FilmAsset, "sha256">) => ASSETS[film.assets[sha256] as keyof typeof ASSETS];

const terms = () => ({
  ...{ folder, signal: AbortSignal.timeout(110_000) },
  limits: { timeoutMs: 110_000, memoryBytes: 2 ** 31, fileBytes: 2 ** 30, niceness: 0 },
});

async function render(): Promise<string> {
  const ffmpeg = await findFfmpeg({ path: tool.command, libraries: tool.env.LD_LIBRARY_PATH });
  const readAsset = async (asset: FilmAsset) =>
    momentOfVideo(asset.sha256) === undefined ? assetOf(asset).bytes : undefined;
  const drawing = openDrawing({ fonts: await openFonts(), readAsset, cacheBytes: 50_000_000 });
  const fileOf = async (asset: FilmAsset) => {
    const path = join(folder, `asset-${asset.sha256.slice(0, 16)}`);
    await writeFile(path, assetOf(asset).bytes);
    return path;
  };
  return await renderVideo(film.film, { ...terms(), ffmpeg, drawing, fileOf, sideBySide: 2 });
}

/** Pictures in the size of comparison one after the other, three bytes a pixel. */
async function pixels(...from: string[]): Promise<Buffer> {
  const how = ["-pix_fmt", "rgb24", "-f", "rawvideo", "-"];
  const options = { env: tool.env, encoding: "buffer", maxBuffer: 64 * 1024 * 1024 } as const;
  return (await promisify(execFile)(tool.command, ["-v", "error", ...from, ...how], options)).stdout;
}

const size = `scale=${WIDTH}:${HEIGHT}:in_color_matrix=bt709:flags=area+accurate_rnd+full_chroma_int`;

/** Frames of a video, by one program for all of them: most of its time it begins. */
async function framesOf(file: string, frames: readonly number[]): Promise<Buffer[]> {
  const wanted = frames.map((frame) => `eq(n\\,${frame})`).join("+");
  const all = await pixels("-i", file, "-vf", `select=${wanted},setpts=N/FRAME_RATE/TB,${size}`);
  expect(all.length).toBe(frames.length * FRAME_BYTES);
  return frames.map((_, index) => all.subarray(index * FRAME_BYTES, (index + 1) * FRAME_BYTES));
}
const FRAME_BYTES = WIDTH * HEIGHT * 3;

async function playerAt(page: Page, atMs: number): Promise<Buffer> {
  await page.evaluate(`import(document.getElementById("player-script").src).then(async ({ player }) => {
    player.seek(${atMs});
    await player.settled();
    const root = document.querySelector("#inlet-player > div").shadowRoot;
    for (const each of root.querySelectorAll(".controls, .start, .captions, .loading")) each.style.display = "none";
  })`);
  const box = (await page.locator(".stage").boundingBox())!;
  const shot = join(folder, `player-${atMs}.png`);
  await page.screenshot({ path: shot, clip: box });
  return await pixels("-i", shot, "-vf", size);
}

/** How far two pictures are from each other in the mean, 0 to 255, one moved against the other. */
function distance(first: Buffer, second: Buffer, dx = 0, dy = 0): number {
  let [sum, count] = [0, 0];
  for (let y = 8; y < HEIGHT - 8; y += 1) {
    for (let x = 8 * 3; x < (WIDTH - 8) * 3; x += 1) {
      sum += Math.abs(first[y * WIDTH * 3 + x]! - second[(y + dy) * WIDTH * 3 + x + dx * 3]!);
      count += 1;
    }
  }
  return sum / count;
}

test("a frame of the video is the moment of the player: words, motion, transitions, the film behind", async () => {
  server.put("/film", film);
  const visitor = await Visitor.enter(browser, server.origin, {
    ...{ viewport: { width: 1040, height: 800 }, reducedMotion: "no-preference" },
  });
  await visitor.page.goto("/film");
  // Coming, at rest, sliding, at rest over a picture that grows, wiping, over a film.
  const frames = [6, 30, 50, 72, 94, 114];
  const rendering = await framesOf(video, frames);
  for (const [index, frame] of frames.entries()) {
    const [rendered, played] = [rendering[index]!, await playerAt(visitor.page, momentOf(frame))];
    const apart = distance(rendered, played);
    expect(apart, `frame ${frame}`).toBeLessThan(3);
    const moved = [
      [3, 0],
      [-3, 0],
      [0, 3],
      [0, -3],
    ].map(([dx, dy]) => distance(rendered, played, dx, dy));
    expect(apart * 1.5, `frame ${frame}, moved`).toBeLessThan(Math.min(...moved));
  }
  await visitor.leave();
}, 120_000);

test("it lasts as long as the film, with sound", async () => {
  const { stdout } = await promisify(execFile)(
    tool.command.replace(/ffmpeg$/, "ffprobe"),
    ["-v", "error", "-show_entries", "stream=codec_name,nb_frames,duration", "-of", "json", video],
    { env: tool.env },
  );
  const [picture, sound] = JSON.parse(stdout).streams;
  expect(picture).toMatchObject({ codec_name: "h264", nb_frames: `${(film.film.durationMs * FRAME_RATE) / 1000}` });
  expect(sound.codec_name).toBe("aac");
  expect(Number(sound.duration)).toBeCloseTo(film.film.durationMs / 1000, 1);
});

test("a film behind a scene is shown to its very last moment while the next scene takes its place", async () => {
  const ffmpeg = await findFfmpeg({ path: tool.command, libraries: tool.env.LD_LIBRARY_PATH });
  const behind = join(folder, "behind.mp4");
  const source = ["-f", "lavfi", "-i", `testsrc=s=${WIDTH}x${HEIGHT}:r=${FRAME_RATE}:d=0.5`];
  await promisify(execFile)(tool.command, ["-v", "error", ...source, "-pix_fmt", "yuv420p", behind], { env: tool.env });
  for (const [atMs, frame] of [
    [266, 7],
    [499, 14],
  ] as const) {
    const still = join(folder, `still-${atMs}.png`);
    await writeFile(still, await stillOfVideo(behind, atMs, { ...terms(), ffmpeg }));
    const [shown, own] = await Promise.all([
      pixels("-i", still),
      pixels("-i", behind, "-vf", `select=eq(n\\,${frame})`),
    ]);
    expect(shown.equals(own), `${atMs} ms`).toBe(true);
  }
});
