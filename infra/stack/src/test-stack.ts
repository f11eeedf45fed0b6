import { mkdtemp } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { openStack, type Stack, type StackOptions } from "./stack.ts";

/**
 * A stack of its own for one test file, in a new folder with a space in its name, on free ports. `await using` stops it,
 * which removes everything.
 * @example
 * const stack = await openTestStack({ services: ["sftp-gateway", "watcher"] });
 * afterAll(() => stack.stop());
 */
export async function openTestStack(
  options: Omit<StackOptions, "stateFolder" | "temporary"> = {},
): Promise<Stack & AsyncDisposable> {
  const stateFolder = await mkdtemp(path.join(os.tmpdir(), "inlet test "));
  const stack = await openStack({ ...options, stateFolder, temporary: true });
  return { ...stack, [Symbol.asyncDispose]: () => stack.stop() };
}
