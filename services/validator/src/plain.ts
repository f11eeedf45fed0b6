import type { BlobReader, Blobs } from "@inlet/blobs";
import { InvariantBroken } from "@inlet/contracts";
import type { Artifact, ClaimedStep } from "@inlet/database";

/** A batch's plain bytes, open, and where they are stored. */
export interface Plain {
  reader: BlobReader;
  artifact: Artifact;
}

/** Opens a batch's plain bytes: the source as it is. */
export async function openPlain(blobs: Blobs, step: ClaimedStep, _signal: AbortSignal): Promise<Plain> {
  const source = step.artifacts.source;
  if (source === undefined) {
    throw new InvariantBroken({ code: "artifact_missing", message: `Batch ${step.batchId} has no source file.` });
  }
  const reader = await blobs.open(source.blobKey);
  return { reader, artifact: { ...source, kind: "plain", sha256: Buffer.from(source.sha256, "hex") } };
}
