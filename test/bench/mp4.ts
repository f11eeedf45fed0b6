import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type StoredAsset, storyboardSchema } from "@inlet/contracts";
import { requireDebianTool } from "@inlet/stack";
import { type Film, filmOf, rowOf } from "@inlet/storyboard";
import { readyStoryboards } from "@inlet/storyboard/ready";
import { readyAssets } from "@inlet/storyboard/ready-assets";
import { openDrawing, openFonts, remakeImage } from "../../packages/drawing/src/index.ts";
import { findFfmpeg } from "../../services/renderer/src/ffmpeg/find-ffmpeg.ts";
import { H264 } from "../../services/renderer/src/video/encoding.ts";
import { FRAME_RATE } from "../../services/renderer/src/video/frames.ts";
import { renderVideo } from "../../services/renderer/src/video/render-video.ts";
import { type BenchOptions, type BenchResult, inTurn, median } from "./measure.ts";

const LIMITS = { timeoutMs: 300_000, memoryBytes: 4 * 1024 ** 3, fileBytes: 4 * 1024 ** 3, niceness: 0 };

interface ReadyFilm {
  name: string;
  film: Film;
  /** By their hashes. */
  images: ReadonlyMap<string, Buffer>;
}

/**
 * The three ready storyboards, some 16 seconds at 720p each, rendered as the renderer does it: layers drawn with nothing kept from
 * before, moved by ffmpeg's filters, encoded. Against ffmpeg alone, which encodes the very same frames, with the same settings and
 * as many cores, out of a file of raw ones. `details.secondsPerSecond`: of ours, for a second of film. Goal: a ratio of 2 at most.
 */
export async function measureMp4({ pairs, say }: BenchOptions): Promise<BenchResult> {
  const tool = await requireDebianTool("ffmpeg");
  const ffmpeg = await findFfmpeg({ path: tool.command, libraries: tool.env.LD_LIBRARY_PATH });
  const fonts = await openFonts();
  const root = await mkdtemp(join(tmpdir(), "mp4-"));
  const run = async (...args: string[]) => {
    const startedMs = performance.now();
    await promisify(execFile)(tool.command, ["-v", "error", "-y", ...args], { env: tool.env });
    return performance.now() - startedMs;
  };
  try {
    const films: Record<string, object> = {};
    const totals = { ours: 0, peer: 0, filmMs: 0 };
    for (const { name, film, images } of await readyFilms()) {
      const folder = join(root, name);
      const render = async () => {
        await rm(folder, { recursive: true, force: true });
        await mkdir(folder);
        const startedMs = performance.now();
        const readAsset = async ({ sha256 }: { sha256: string }) => images.get(sha256);
        const drawing = openDrawing({ fonts, readAsset, cacheBytes: 64 * 1024 * 1024 });
        const video = await renderVideo(film, {
          ...{ ffmpeg, drawing, folder, limits: LIMITS, sideBySide: availableParallelism() },
          ...{ fileOf: async () => undefined, signal: AbortSignal.timeout(LIMITS.timeoutMs) },
        });
        return { video, ms: performance.now() - startedMs };
      };
      const { video } = await render();
      const { size: sizeBytes } = await stat(video);
      const raw = join(root, "frames.yuv");
      await run("-i", video, "-f", "rawvideo", "-pix_fmt", "yuv420p", raw);
      const shape = ["-pixel_format", "yuv420p", "-video_size", `${film.width}x${film.height}`];
      const frames = ["-f", "rawvideo", ...shape, "-framerate", `${FRAME_RATE}`, "-i", raw];
      const alone = join(root, "alone.mp4");
      const encode = () => run(...frames, ...H264, "-movflags", "+faststart", alone);
      await encode();
      const times = await inTurn(pairs, { ours: async () => (await render()).ms, peer: encode }, (line) =>
        say(`${name}: ${line}`),
      );
      const [ours, peer] = [median(times.ours), median(times.peer)];
      films[name] = {
        ...{ ratio: ours / peer, oursMs: ours, peerMs: peer, secondsPerSecond: ours / film.durationMs },
        ...{ filmMs: film.durationMs, sizeBytes, aloneBytes: (await stat(alone)).size, times },
      };
      totals.ours += ours;
      totals.peer += peer;
      totals.filmMs += film.durationMs;
    }
    return {
      name: "mp4",
      ratio: totals.ours / totals.peer,
      ours: { medianMs: totals.ours, peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1024) },
      peer: { name: "ffmpeg encoding raw frames", medianMs: totals.peer },
      pairs,
      details: { secondsPerSecond: totals.ours / totals.filmMs, ffmpeg: ffmpeg.version, ...films },
    };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function readyFilms(): Promise<ReadyFilm[]> {
  return await Promise.all(
    readyStoryboards.map(async ({ name, document }) => {
      const storyboard = storyboardSchema.parse(document);
      const images = new Map<string, Buffer>();
      const assets: Record<string, StoredAsset> = {};
      for (const { name: asset, file } of await readyAssets(name)) {
        const { bytes, width, height } = await remakeImage(await readFile(file));
        const sha256 = createHash("sha256").update(bytes).digest("hex");
        images.set(sha256, bytes);
        assets[asset] = {
          ...{ name: asset, kind: "image", sha256, mediaType: "image/webp", sizeBytes: bytes.length },
          ...{ width, height, durationMs: null },
        };
      }
      const film = filmOf(storyboard, rowOf(storyboard.samples[0]!.values), { assets });
      return { name, film, images };
    }),
  );
}
