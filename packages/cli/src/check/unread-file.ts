import { EXIT } from "../exit-codes.ts";
import { failureOf } from "../failure.ts";

/**
 * Why a file could not be read, for the file's own line: another one may be read all the same.
 * @throws the error itself when it is an interruption or a fault of our own
 */
export function unreadFile(error: unknown): { code: string; message: string } {
  const { syscall, code: cause } = error as NodeJS.ErrnoException;
  const { exitCode, code, message } = failureOf(error);
  if (exitCode === EXIT.interrupted) throw error;
  if (exitCode !== EXIT.internal) return { code, message };
  if (syscall === undefined) throw error;
  return { code: "file_unreadable", message: `The file cannot be read (${cause}).` };
}
