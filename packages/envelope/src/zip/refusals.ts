import { AppError, type InvalidInput } from "@inlet/contracts";
import type { UnwrapLimits } from "../limits.ts";
import { refusal } from "../refusal.ts";
import type { FileReader } from "./reader.ts";

export function tooLarge(files: number, { totalBytes }: UnwrapLimits): InvalidInput {
  const what = files === 1 ? "The data file in the ZIP is" : `The ${files} data files in the ZIP are together`;
  return refusal("file_too_large", `${what} larger than ${totalBytes} bytes; send less at once.`);
}

export const passwordWrong = (cause?: unknown): InvalidInput =>
  refusal("zip_password_wrong", "The ZIP does not open with the agreed password; make it again with that one.", {
    cause,
  });

/** Runs something of the ZIP library, and says in our words what went wrong. */
export async function translated<T>(
  {
    reader,
    signal,
    zipCrypto = false,
    isPart = false,
  }: { reader: FileReader; signal: AbortSignal | undefined; zipCrypto?: boolean; isPart?: boolean },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    signal?.throwIfAborted();
    if (reader.failure !== undefined) throw reader.failure;
    if (error instanceof AppError) throw error;
    throw reasonOf(error as Error, { zipCrypto, isPart });
  }
}

function reasonOf(cause: Error, { zipCrypto, isPart }: { zipCrypto: boolean; isPart: boolean }): InvalidInput {
  const { message } = cause;
  if (/invalid password/i.test(message)) return passwordWrong(cause);
  if (/encrypted central directory/i.test(message)) {
    return refusal(
      "zip_names_encrypted",
      "The ZIP hides the names of its files; protect it with AES-256 or ZipCrypto, without encrypted names.",
      { cause },
    );
  }
  if (/not supported|unsupported/i.test(message)) {
    return refusal(
      "zip_unsupported",
      "The ZIP uses a method that is not supported; use Store or Deflate, and AES or ZipCrypto for a password.",
      { cause },
    );
  }
  if (isPart || /split zip/i.test(message)) {
    return refusal("zip_split", "The ZIP is one part of several; send it in one piece.", { cause });
  }
  if (/overlapping/i.test(message)) {
    return refusal(
      "zip_overlapping",
      "The ZIP holds entries that overlap; make it again with an ordinary ZIP program.",
      {
        cause,
      },
    );
  }
  // ZipCrypto tells a wrong password by one byte: one in 256 gets past it.
  const also = zipCrypto ? ", or protected with another password than the agreed one" : "";
  return refusal("zip_damaged", `The ZIP is damaged or incomplete${also}; make it again and send it again.`, { cause });
}
