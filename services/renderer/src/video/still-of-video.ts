import type { Ffmpeg } from "../ffmpeg/find-ffmpeg.ts";
import { FROM_FILES, QUIET } from "../ffmpeg/options.ts";
import { type ProgramLimits, runProgram } from "../ffmpeg/run-program.ts";
import { numeral } from "./expressions.ts";
import { FRAME_RATE, momentOf } from "./frames.ts";

/** More than a frame has that was made anew. */
const MOST_BYTES = 64 * 1024 * 1024;

/** The frame that a film which was made anew shows at a moment, as PNG. */
export async function stillOfVideo(
  path: string,
  atMs: number,
  { ffmpeg, ...terms }: { ffmpeg: Ffmpeg; limits: ProgramLimits; folder: string; signal: AbortSignal },
): Promise<Buffer> {
  // ffmpeg takes the first frame that begins then or later: of a film's last moment there is none.
  const frame = Math.floor((atMs * FRAME_RATE) / 1000);
  const seekMs = Math.max(0, momentOf(frame - 0.5));
  const still = ["-map", "0:v:0", "-frames:v", "1", "-f", "image2pipe", "-c:v", "png", "pipe:1"];
  const args = [...QUIET, "-ss", numeral(seekMs / 1000), ...FROM_FILES, "-i", path, ...still];
  return await runProgram(ffmpeg.ffmpeg, args, { ...terms, keepOutputBytes: MOST_BYTES });
}
