import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import type { Blobs } from "@inlet/blobs";

/** The size and the SHA-256 of a file; it is on the disk afterwards. */
export async function measureFile(path: string): Promise<{ sizeBytes: number; sha256: Buffer }> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    sizeBytes += chunk.length;
  }
  const file = await open(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  return { sizeBytes, sha256: hash.digest() };
}

/** Takes a finished file over into the store. */
export async function storeFile(
  blobs: Pick<Blobs, "adopt">,
  key: string,
  path: string,
): Promise<{ sizeBytes: number; sha256: Buffer }> {
  const measured = await measureFile(path);
  await blobs.adopt(key, path);
  return measured;
}
