import { InvariantBroken, Unavailable } from "@inlet/contracts";

/** Runs work on a blob's file, and says in our words what the disk has to say against it. */
export async function withDiskErrors<T>(key: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw diskError(key, error);
  }
}

/** What went wrong with a disk, as something that may pass where it may; anything else as it is. */
export function diskError(key: string, cause: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new Unavailable({
      code: "disk_full",
      message:
        "The data folder's disk is full. Nothing that was received is lost; free some space, and the work goes on.",
      context: { key },
      cause,
    });
  }
  if (code === "EIO" || code === "EROFS" || code === "EMFILE" || code === "ESTALE") {
    return new Unavailable({
      code: "disk_unavailable",
      message: `The data folder cannot be used (${code}). The work goes on when it can.`,
      context: { key },
      cause,
    });
  }
  return cause;
}

/** There is no such blob. */
export const missing = (key: string, cause: unknown) =>
  new InvariantBroken({
    code: "blob_missing",
    message: `The stored file ${key} is missing from the data folder.`,
    cause,
  });
