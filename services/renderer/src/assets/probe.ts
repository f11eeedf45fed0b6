import { InvalidInput } from "@inlet/contracts";
import { z } from "zod";
import type { Ffmpeg } from "../ffmpeg/find-ffmpeg.ts";
import { FROM_FILES } from "../ffmpeg/options.ts";
import { asRefusal, type ProgramLimits, runProgram } from "../ffmpeg/run-program.ts";

/** What is in a file of pictures in motion or of sound. */
export interface Probed {
  kind: "video" | "audio";
  /** Of the picture; null for sound. */
  width: number | null;
  height: number | null;
  /** Undefined: the file does not say. */
  durationMs: number | undefined;
}

interface ProbeParts {
  ffmpeg: Ffmpeg;
  limits: ProgramLimits;
  folder: string;
  signal: AbortSignal;
}

/** Containers that people have. Lists of other files, devices and scripts are none of them. */
const CONTAINERS =
  "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,asf,flv,ogg,mp3,wav,w64,flac,aac,aiff,caf,amr";
/** A picture of more makes a decoder ask for gigabytes. */
const MOST_PIXELS = 8_192 * 8_192;

/** Before an upload, as an input of ffmpeg's and ffprobe's: nothing else is opened, whatever is in it. */
export const UPLOADED = [
  ...FROM_FILES,
  ...["-format_whitelist", CONTAINERS, "-max_pixels", `${MOST_PIXELS}`, "-max_streams", "32", "-threads", "2"],
] as const;

/** What is told of a file that nothing can be made of. */
export const UNREADABLE = {
  code: "media_unreadable",
  message:
    "The file cannot be read: it is damaged, or no image, video or sound that is known here. Export it again, for example as PNG, MP4 or MP3, and upload that.",
};

const streamSchema = z.object({
  codec_type: z.string().optional(),
  width: z.int().optional(),
  height: z.int().optional(),
  disposition: z.object({ attached_pic: z.int() }).partial().optional(),
});
const answerSchema = z.object({
  streams: z.array(streamSchema).default([]),
  format: z.object({ duration: z.coerce.number().optional() }).default({}),
});

/** Looks what a file is. @throws InvalidInput `media_unreadable` */
export async function probe(path: string, { ffmpeg, ...terms }: ProbeParts): Promise<Probed> {
  const entries = "stream=codec_type,width,height:stream_disposition=attached_pic:format=duration";
  const args = ["-hide_banner", "-loglevel", "error", ...UPLOADED, "-show_entries", entries, "-of", "json", path];
  const answer = await runProgram(ffmpeg.ffprobe, args, { ...terms, keepOutputBytes: 256 * 1024 }).catch((error) => {
    throw asRefusal(error, UNREADABLE);
  });
  const { streams, format } = answerSchema.parse(JSON.parse(answer.toString("utf8")));
  // A song's cover is no film.
  const picture = streams.find(({ codec_type, disposition }) => codec_type === "video" && !disposition?.attached_pic);
  const hasSound = streams.some(({ codec_type }) => codec_type === "audio");
  const durationMs = format.duration === undefined ? undefined : Math.round(format.duration * 1000);
  if (picture !== undefined) {
    return { kind: "video", width: picture.width ?? null, height: picture.height ?? null, durationMs };
  }
  if (hasSound) return { kind: "audio", width: null, height: null, durationMs };
  throw new InvalidInput(UNREADABLE);
}
