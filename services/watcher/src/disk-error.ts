import { Unavailable } from "@inlet/contracts";

/** What passes when somebody frees space or mends the disk; every other error stays as it is. */
export function diskError(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new Unavailable({
      code: "disk_full",
      message:
        "The data folder's disk is full. Nothing that was received is lost; free some space, and the work goes on.",
      cause: error,
    });
  }
  if (code === "EIO" || code === "EROFS" || code === "EMFILE" || code === "ESTALE") {
    return new Unavailable({
      code: "disk_unavailable",
      message: `The data folder cannot be used (${code}). The work goes on when it can.`,
      cause: error,
    });
  }
  return error;
}
