import type { BlobReader, Blobs } from "@inlet/blobs";
import { InvalidInput, InvariantBroken, type Table } from "@inlet/contracts";
import type { Artifact, ClaimedStep } from "@inlet/database";
import { unwrap, type ZippedFile } from "@inlet/envelope";

/** A batch's plain bytes, open, and where they are stored. */
export interface Plain {
  reader: BlobReader;
  artifact: Artifact;
}

/**
 * Opens a batch's plain bytes. A file that came as it is shares its source's blob; one that came in a ZIP is unwrapped into
 * a blob of its own, because the check and the stages after it read it more than once. A second attempt writes it again.
 * @throws InvalidInput when it came in a container that is not accepted, or not sound.
 */
export async function openPlain(
  blobs: Blobs,
  { step, table, signal }: { step: ClaimedStep; table: Pick<Table, "limits">; signal: AbortSignal },
): Promise<Plain> {
  const { source } = step.artifacts;
  if (source === undefined) {
    throw new InvariantBroken({ code: "artifact_missing", message: `Batch ${step.batchId} has no source file.` });
  }
  const reader = await blobs.open(source.blobKey);
  try {
    const unwrapped = await unwrap(reader, { limits: table.limits, signal });
    if (unwrapped.kind === "plain") {
      return { reader, artifact: { ...source, kind: "plain", sha256: Buffer.from(source.sha256, "hex") } };
    }
    const [file, second] = unwrapped.kind === "zip" ? unwrapped.files : [];
    if (file === undefined || second !== undefined) {
      throw new InvalidInput({
        code: "zip_many_files",
        message: "The ZIP holds several data files; send each in a ZIP of its own.",
      });
    }
    const artifact = await storePlain(blobs, step, file, signal);
    const plain = { reader: await blobs.open(artifact.blobKey), artifact };
    await reader.close();
    return plain;
  } catch (error) {
    await reader.close();
    throw error;
  }
}

async function storePlain(
  blobs: Blobs,
  { client, batchId }: ClaimedStep,
  file: ZippedFile,
  signal: AbortSignal,
): Promise<Artifact> {
  const writer = await blobs.create(`${client}/${batchId}/plain`);
  try {
    for await (const chunk of file.open()) {
      signal.throwIfAborted();
      await writer.write(chunk);
    }
    const { key: blobKey, sizeBytes, sha256 } = await writer.finish();
    return { kind: "plain", blobKey, name: file.name, sizeBytes, sha256 };
  } finally {
    await writer.abort();
  }
}
