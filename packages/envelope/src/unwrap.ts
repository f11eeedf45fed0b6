import { InvalidInput } from "@inlet/contracts";
import { identify, MAGIC_BYTES } from "./magic.ts";
import type { RandomAccess } from "./random-access.ts";
import { openZip, type UnwrapLimits, type ZippedFile } from "./zip.ts";

/** What a received file is: the client's own bytes as they are, or one data file in a ZIP. */
export type Unwrapped = { kind: "plain" } | ({ kind: "zip" } & ZippedFile);

/**
 * Looks what a received file is, by its bytes and never by its name, and opens what can be opened.
 * @throws InvalidInput for a container that is not accepted or not sound.
 */
export async function unwrap(file: RandomAccess, limits: UnwrapLimits, signal?: AbortSignal): Promise<Unwrapped> {
  const container = identify(await file.read(0, MAGIC_BYTES));
  if (container === "plain") return { kind: "plain" };
  if (container === "zip") return { kind: "zip", ...(await openZip(file, limits, signal)) };
  const article = /^[aeiouRX]/.test(container) ? "an" : "a";
  throw new InvalidInput({
    code: "container_unsupported",
    message: `The file is ${article} ${container} file; send the data file itself (CSV, TSV, TXT, DAT), or one in a ZIP.`,
    context: { container },
  });
}
