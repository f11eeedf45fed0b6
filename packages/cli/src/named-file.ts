import { readFile } from "node:fs/promises";

/** The bytes of a file that a person named. An error names it, too: Node's does not when it is a folder. */
export async function readNamedFile(file: string): Promise<Buffer> {
  return await readFile(file).catch((error: NodeJS.ErrnoException) => {
    error.path ??= file;
    throw error;
  });
}
