import type { Blobs } from "@inlet/blobs";
import type { Artifact, ClaimedStep } from "@inlet/database";
import type { Claims } from "@inlet/delimited";

/** A flag file says a few words; what is longer is cut. */
const MOST_FLAG_BYTES = 64 * 1024;

/** What is known of a batch's file beside its bytes, for its table's control totals. */
export async function claimsOf(blobs: Blobs, step: ClaimedStep, plain: Artifact): Promise<Claims> {
  return {
    name: step.fileName,
    flag: await readFlag(blobs, step),
    declared: step.declared === null ? {} : { records: String(step.declared) },
    sizeBytes: plain.sizeBytes,
    sha256: plain.sha256.toString("hex"),
  };
}

/** The text of the flag file that came with the batch; null: there was none. */
async function readFlag(blobs: Blobs, { artifacts: { flag } }: ClaimedStep): Promise<string | null> {
  if (flag === undefined) return null;
  const reader = await blobs.open(flag.blobKey);
  try {
    return Buffer.from(await reader.read(0, Math.min(flag.sizeBytes, MOST_FLAG_BYTES))).toString("utf8");
  } finally {
    await reader.close();
  }
}
