import { Unavailable } from "@inlet/contracts";
import type { Remote } from "@inlet/remote-sftp";
import type { ListedFile } from "./listing.ts";

/** A flag file says a few words; what is longer is cut. */
const MOST_FLAG_BYTES = 64 * 1024;

/**
 * Reads what a flag file says. Before the data file, which is looked at again after its own fetch: so both are of one listing.
 * @throws Unavailable `remote_changed` when it is not the flag of the listing any more
 */
export async function fetchFlag(remote: Remote, flag: ListedFile): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let kept = 0;
  await remote.read(flag.path, flag.sizeBytes, (chunk) => {
    const wanted = chunk.subarray(0, MOST_FLAG_BYTES - kept);
    // The chunk's memory is used again.
    if (wanted.length > 0) chunks.push(Buffer.from(wanted));
    kept += wanted.length;
  });
  const after = await remote.stat(flag.path);
  if (after?.sizeBytes !== flag.sizeBytes || after.modifiedMs !== flag.modifiedMs) {
    throw new Unavailable({
      code: "remote_changed",
      message: `${flag.path} has changed while it was read; its file waits for it.`,
    });
  }
  return Buffer.concat(chunks);
}
