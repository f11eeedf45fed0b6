import { createHash } from "node:crypto";
import type { Blobs } from "@inlet/blobs";
import { InvalidInput } from "@inlet/contracts";
import type { DraftClaim, DraftRow } from "@inlet/database";
import { openSent, type Plain, type SentWork } from "@inlet/structural-check";
import type { CheckParts, Running, Subject } from "./check-parts.ts";
import { sourceKey } from "./draft-store.ts";

/** Reads the upload to its end, for its SHA-256. */
export async function hashUpload(store: Blobs, draft: DraftRow, { signal, onProgress }: Running): Promise<Buffer> {
  const reader = await store.open(sourceKey(draft));
  const hash = createHash("sha256");
  let doneBytes = 0;
  try {
    for await (const chunk of reader.lentChunks()) {
      signal.throwIfAborted();
      hash.update(chunk);
      doneBytes += chunk.length;
      onProgress({ phase: "opening", doneBytes, totalBytes: draft.sizeBytes });
    }
  } finally {
    await reader.close();
  }
  return hash.digest();
}

/** The data file: as it was uploaded, or out of what it came in, which is opened once. */
export async function openPlain(
  parts: CheckParts,
  claim: DraftClaim,
  subject: Subject,
  { signal, onProgress }: Running,
): Promise<Plain> {
  const { store, database, keyEncryptionKey } = parts;
  const { draft, profile } = subject;
  const kept = draft.checkFiles?.plain;
  // What came as it is costs nothing to open again: the profile may ask for a container by now.
  if (kept !== undefined && kept.key !== sourceKey(draft)) {
    const artifact = {
      ...{ kind: "plain" as const, blobKey: kept.key, name: kept.name, sizeBytes: kept.sizeBytes },
      sha256: Buffer.from(kept.sha256, "hex"),
    };
    return { reader: await store.open(kept.key), artifact };
  }
  const { client, project, fileName, sizeBytes, clientId, projectId } = draft;
  const source = {
    ...{ kind: "source" as const, blobKey: sourceKey(draft), name: fileName, sizeBytes },
    sha256: draft.sha256!.toString("hex"),
  };
  const work: SentWork = {
    step: {
      ...{ batchId: draft.id, epoch: claim.epoch, client, project, fileName, partOf: null, artifacts: { source } },
      // A trial of what is not there yet has no keys and no secrets.
      ...{ clientId: clientId ?? 0, projectId: projectId ?? 0 },
    },
    profile,
    table: profile.tables.find(({ name }) => name === draft.tableName) ?? null,
    signal,
    // A sign of life after each piece: to decrypt a giant may take longer than a check may stand still.
    giveWay: () => void onProgress({ phase: "opening", doneBytes: sizeBytes, totalBytes: sizeBytes }),
  };
  const sent = await openSent({ blobs: store, database, keyEncryptionKey }, work);
  if (sent.kind === "file") return sent.plain;
  const names = sent.files.slice(0, 3).map(({ name }) => name);
  await sent.close();
  throw new InvalidInput({
    code: "zip_many_files",
    message: `${fileName} holds ${sent.files.length} data files (${names.join(", ")}${sent.files.length > 3 ? ", …" : ""}). Unpack it and upload each by itself, or send the ZIP by SFTP, where its files are taken together.`,
  });
}
