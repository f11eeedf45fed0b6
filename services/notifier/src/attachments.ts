import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import type { BlobReader, Blobs } from "@inlet/blobs";
import { InvariantBroken, type StoredFile } from "@inlet/contracts";

/** A stored file on its way out with a mail. */
export interface Attachment {
  name: string;
  content: Readable;
}

/**
 * Opens stored files for a mail, lends them to `use`, and closes them after it. Each is read once before, to its end: a mail
 * that is cut off in its middle because the disk has other bytes than were recorded would have gone out in part.
 * @throws InvariantBroken `attachment_gone`, `attachment_damaged`: somebody has to look
 */
export async function withAttachments<T>(
  blobs: Blobs,
  files: readonly StoredFile[],
  use: (attachments: readonly Attachment[]) => Promise<T>,
): Promise<T> {
  const open: BlobReader[] = [];
  try {
    const attachments: Attachment[] = [];
    for (const file of files) {
      const reader = await openFile(blobs, file);
      open.push(reader);
      await verify(reader, file);
      attachments.push({ name: file.name, content: reader.stream() });
    }
    return await use(attachments);
  } finally {
    for (const reader of open) await reader.close();
  }
}

async function openFile(blobs: Blobs, { name, blobKey }: StoredFile): Promise<BlobReader> {
  try {
    return await blobs.open(blobKey);
  } catch (cause) {
    if (!(cause instanceof InvariantBroken)) throw cause;
    throw new InvariantBroken({
      code: "attachment_gone",
      message: `${name}, which belongs to this e-mail, is not in the store any more (${blobKey}). The e-mail is not sent; its recipient waits for an answer.`,
      cause,
    });
  }
}

async function verify(reader: BlobReader, { name, blobKey, sizeBytes, sha256 }: StoredFile): Promise<void> {
  const hash = createHash("sha256");
  for await (const chunk of reader.lentChunks()) hash.update(chunk);
  if (reader.sizeBytes === sizeBytes && hash.digest("hex") === sha256) return;
  throw new InvariantBroken({
    code: "attachment_damaged",
    message: `${name}, which belongs to this e-mail, is stored with other bytes than were recorded (${blobKey}). The e-mail is not sent; its recipient waits for an answer.`,
  });
}
