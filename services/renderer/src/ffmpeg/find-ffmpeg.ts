import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { Misconfigured } from "@inlet/contracts";
import { findProgram } from "./confinement.ts";
import type { Program } from "./run-program.ts";

/** ffmpeg with its companion. */
export interface Ffmpeg {
  ffmpeg: Program;
  ffprobe: Program;
  /** Such as `5.1.9`. */
  version: string;
}

/** xfade and what H.264 is made with came with 4.3; what the filters' options are called was settled with 5. */
const OLDEST = 5;

/**
 * Finds ffmpeg: at `path`, else on PATH. `libraries`: folders of its shared libraries, where it was unpacked and not installed.
 * @throws Misconfigured `ffmpeg_missing`, `ffmpeg_too_old`: one sentence that says what to install
 */
export async function findFfmpeg({
  path,
  libraries,
}: {
  path: string | undefined;
  libraries: string | undefined;
}): Promise<Ffmpeg> {
  const command = path ?? findProgram("ffmpeg");
  if (command === undefined) throw missing("There is no ffmpeg on PATH.");
  const env: Record<string, string> = libraries === undefined ? {} : { LD_LIBRARY_PATH: libraries };
  const programs = { ffmpeg: { command, env }, ffprobe: { command: join(dirname(command), "ffprobe"), env } };
  const said = await Promise.all([versionOf(programs.ffmpeg), versionOf(programs.ffprobe)]).catch((cause) => {
    throw missing(`ffmpeg and ffprobe cannot be run at ${dirname(command)}.`, cause);
  });
  const version = /version n?(\d+(?:\.\d+)*)/.exec(said[0])?.[1];
  // A build of the newest source has a date for a number.
  if (version !== undefined && Number.parseInt(version, 10) < OLDEST) {
    throw new Misconfigured({
      code: "ffmpeg_too_old",
      message: `ffmpeg ${version} is too old to make videos with. Install ffmpeg ${OLDEST} or newer, or set FFMPEG_PATH.`,
    });
  }
  return { ...programs, version: version ?? "unknown" };
}

const missing = (why: string, cause?: unknown) =>
  new Misconfigured({
    code: "ffmpeg_missing",
    message: `${why} Videos and uploaded files wait until it is there: install Debian's package ffmpeg, or set FFMPEG_PATH.`,
    cause,
  });

async function versionOf({ command, env }: Program): Promise<string> {
  const { stdout } = await promisify(execFile)(command, ["-hide_banner", "-version"], {
    env: { PATH: process.env.PATH ?? "", ...env },
    timeout: 10_000,
  });
  return stdout;
}
