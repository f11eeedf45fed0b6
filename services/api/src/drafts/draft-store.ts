import { join } from "node:path";
import { type Blobs, openBlobs } from "@inlet/blobs";
import type { DraftRow } from "@inlet/database";

/** Where the files of drafts lie: a folder each, `<client>/<draft>`. */
export function draftsFolder(dataFolder: string): string {
  return join(dataFolder, "drafts");
}

/** The store of drafts: like that of batches, with drafts' numbers. */
export function openDraftStore(dataFolder: string): Blobs {
  return openBlobs(draftsFolder(dataFolder));
}

/** A draft's folder, as a key of the store. */
export const draftKey = ({ client, id }: Pick<DraftRow, "client" | "id">): string => `${client}/${id}`;

/** What was uploaded, byte for byte; it grows until it is complete. */
export const sourceKey = (draft: Pick<DraftRow, "client" | "id">): string => `${draftKey(draft)}/source`;
