import { join } from "node:path";
import { InvalidInput } from "@inlet/contracts";
import type { Ffmpeg } from "../ffmpeg/find-ffmpeg.ts";
import { QUIET } from "../ffmpeg/options.ts";
import { asRefusal, type ProgramLimits, runProgram } from "../ffmpeg/run-program.ts";
import { AAC, BARE_MP4 } from "../video/encoding.ts";
import { FRAME_RATE } from "../video/frames.ts";
import { type Probed, probe, UNREADABLE, UPLOADED } from "./probe.ts";

/** A video or a sound made anew, in a file of its own. */
export interface RemadeMedia extends Probed {
  path: string;
  durationMs: number;
}

interface RemakeParts {
  ffmpeg: Ffmpeg;
  limits: ProgramLimits;
  folder: string;
  signal: AbortSignal;
}

/** The longest that may be uploaded, and what it is called. */
const LONGEST = {
  video: { seconds: 60, word: "video" },
  audio: { seconds: 5 * 60, word: "sound" },
} as const;
/** The longer side of a video, as of the largest stage. */
const MAX_SIDE = 1_280;

/** Pictures alone: a film's sounds are assets of their own. */
const AS_VIDEO = [
  ...["-map", "0:v:0", "-an", "-sn", "-dn"],
  "-vf",
  // First to pixels that are as wide as they are high: old cameras' are not.
  `scale=w='iw*sar':h=ih,setsar=1,scale=w='min(${MAX_SIDE},iw)':h='min(${MAX_SIDE},ih)':force_original_aspect_ratio=decrease:force_divisible_by=2:out_color_matrix=bt709:out_range=tv,setsar=1,fps=${FRAME_RATE},format=yuv420p`,
  ...["-c:v", "libx264", "-preset", "medium", "-crf", "23", "-profile:v", "high", "-g", "60"],
  ...["-maxrate", "5M", "-bufsize", "10M"],
  ...["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv"],
];
const AS_SOUND = ["-map", "0:a:0", "-vn", "-sn", "-dn", ...AAC];

/**
 * Makes an uploaded video or sound anew: H.264 without sound, at most {@link MAX_SIDE} pixels long, or AAC; both in MP4, nothing of
 * the upload's own words in it.
 * @throws InvalidInput `media_unreadable`, `media_too_long`, each with what to do
 */
export async function remakeMedia(upload: string, parts: RemakeParts): Promise<RemadeMedia> {
  const { ffmpeg, folder, ...terms } = parts;
  const { kind, durationMs } = await probe(upload, parts);
  assertShort(kind, durationMs);
  const path = join(folder, "remade.mp4");
  // A file may say that it is shorter than it is.
  const most = ["-t", `${LONGEST[kind].seconds + 1}`];
  const how = kind === "video" ? AS_VIDEO : AS_SOUND;
  const args = [...QUIET, ...UPLOADED, "-i", upload, ...most, ...how, ...BARE_MP4, path];
  await runProgram(ffmpeg.ffmpeg, args, { ...terms, folder }).catch((error) => {
    throw asRefusal(error, UNREADABLE);
  });
  const made = await probe(path, parts);
  assertShort(kind, made.durationMs);
  if (made.kind !== kind || made.durationMs === undefined || made.durationMs < 1) throw new InvalidInput(UNREADABLE);
  return { ...made, durationMs: made.durationMs, path };
}

function assertShort(kind: Probed["kind"], durationMs: number | undefined): void {
  const { seconds, word } = LONGEST[kind];
  // Encoders round a file's end up to whole frames and packets.
  if (durationMs === undefined || durationMs <= seconds * 1000 + 500) return;
  throw new InvalidInput({
    code: "media_too_long",
    message: `The ${word} is longer than ${seconds} seconds. Cut it to ${seconds} seconds or less, and upload it again.`,
  });
}
