import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { InvalidInput } from "@inlet/contracts";
import { tooLarge, unreadable } from "./remaking.ts";

/** An image made anew: nothing of the uploaded bytes is in it. */
export interface RemadeImage {
  /** WebP, sRGB, without metadata. */
  bytes: Buffer;
  width: number;
  height: number;
}

/** In bytes. Photos out of cameras are well below. */
export const MAX_IMAGE_BYTES = 30 * 1024 * 1024;
/** What opening, turning and packing an image of the largest size takes, several times over. */
const TIMEOUT_MS = 30_000;

const PROGRAM = fileURLToPath(new URL("remake-image-main.ts", import.meta.url));

/**
 * Makes an uploaded image anew, as WebP: turned as its camera says, in sRGB, at most 2,560 pixels long, without metadata.
 * JPEG, PNG, WebP, GIF (its first picture), AVIF and SVG (drawn once, never handed out as SVG) are read; what the bytes are
 * counts, not what the file is called. A process of its own opens them, with nothing in its environment, and is killed when
 * it takes too long: a drawing of one kilobyte can keep a computer busy for days.
 * `within`: a program with its arguments that starts this one within bounds of memory and the like; `signal` kills it.
 * @throws InvalidInput `image_too_large`, `image_too_heavy`, `image_unreadable`, `image_format`, each with what to do
 */
export async function remakeImage(
  source: Buffer,
  { within = [], signal }: { within?: readonly string[]; signal?: AbortSignal } = {},
): Promise<RemadeImage> {
  if (source.length > MAX_IMAGE_BYTES) throw tooLarge(`It has more than ${MAX_IMAGE_BYTES / 1024 / 1024} MB.`);
  signal?.throwIfAborted();
  const [file = process.execPath, ...args] = [...within, process.execPath, "--no-warnings", PROGRAM];
  const child = spawn(file, args, {
    stdio: ["pipe", "pipe", "ignore"],
    env: { NODE_ENV: "production", LC_ALL: "C" },
    timeout: TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  const kill = () => child.kill("SIGKILL");
  signal?.addEventListener("abort", kill, { once: true });
  // One that ends before it has read everything says why by its answer, or by having none.
  child.stdin.on("error", () => {});
  child.stdin.end(source);
  const ended = once(child, "close");
  const answer: Buffer[] = [];
  for await (const chunk of child.stdout) answer.push(chunk as Buffer);
  const [code, endedBy] = (await ended) as [number | null, string | null];
  signal?.removeEventListener("abort", kill);
  signal?.throwIfAborted();
  if (endedBy === "SIGKILL") {
    throw new InvalidInput({
      code: "image_too_heavy",
      message:
        "Opening the image takes too long. Export it as JPEG or PNG; of a drawing (SVG), filters are what takes long.",
    });
  }
  if (code !== 0) throw unreadable(new Error(`ended with ${endedBy ?? code}`));
  return read(Buffer.concat(answer));
}

/** A line of JSON, and the image's bytes behind it. */
function read(answer: Buffer): RemadeImage {
  const lineEnd = answer.indexOf(10);
  const { error, ...size } = JSON.parse(answer.toString("utf8", 0, lineEnd)) as {
    error?: { code: string; message: string };
    width: number;
    height: number;
  };
  if (error !== undefined) throw new InvalidInput(error);
  return { ...size, bytes: answer.subarray(lineEnd + 1) };
}
