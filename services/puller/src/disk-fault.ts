import { Unavailable } from "@inlet/contracts";

/** What passes when somebody frees space or mends the disk; every other error stays as it is. */
export function diskFault(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const isFull = code === "ENOSPC" || code === "EDQUOT";
  if (!isFull && code !== "EIO" && code !== "EROFS" && code !== "EMFILE" && code !== "ESTALE") return error;
  return new Unavailable({
    code: isFull ? "disk_full" : "data_folder_missing",
    message: isFull
      ? "The data folder's disk is full. The pull goes on where it is when there is room."
      : `The data folder cannot be used (${code}). The pull goes on where it is when it can.`,
    cause: error,
  });
}
