import path from "node:path";
import { environmentOf, findOnPath, provideDebianPackages } from "./debian.ts";
import { sharedHome } from "./server-home.ts";
import { isRoot } from "./server-user.ts";

/** An ffmpeg that is there, or on its way. */
export type FfmpegBinary = {
  /** What the renderer's environment needs to find it, also while it is still being fetched. */
  env: Record<string, string>;
  /** Resolves when it is there. @throws {Error} one sentence that says what to install */
  fetched: Promise<void>;
};

const PACKAGE = "ffmpeg";

/**
 * Finds ffmpeg: at FFMPEG_PATH, on PATH, or in Debian's package, which is fetched beside all else: with its libraries some 450 MB,
 * which a hub can do without until somebody asks for a video. The renderer looks for it again and again.
 */
export async function findFfmpeg(): Promise<FfmpegBinary> {
  const { FFMPEG_PATH, FFMPEG_LIBRARIES } = process.env;
  if (FFMPEG_PATH) {
    return { env: { FFMPEG_PATH, FFMPEG_LIBRARIES: FFMPEG_LIBRARIES ?? "" }, fetched: Promise.resolve() };
  }
  if (findOnPath(PACKAGE)) return { env: {}, fetched: Promise.resolve() };
  const fetched = provideDebianPackages(PACKAGE, [PACKAGE]).then(
    () => {},
    (cause: Error) => {
      const ways = "install ffmpeg 5 or newer so that it is on PATH, or set FFMPEG_PATH";
      throw new Error(`there is no ffmpeg, so no videos are made: ${ways} (${cause.message})`, { cause });
    },
  );
  // Root's is installed, and comes onto PATH; another user's is unpacked.
  return { env: isRoot() ? {} : unpackedAt(path.join(await sharedHome(), "debian", PACKAGE)), fetched };
}

const unpackedAt = (root: string) => ({
  FFMPEG_PATH: path.join(root, "usr/bin/ffmpeg"),
  FFMPEG_LIBRARIES: environmentOf(root).LD_LIBRARY_PATH,
});
