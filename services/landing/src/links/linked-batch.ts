import type { BatchStatus, Links, Storyboard } from "@inlet/contracts";
import type { RecipientFiles } from "@inlet/purl";
import type { StoredAssets } from "@inlet/storyboard";
import type { OwnAddress } from "./hosts.ts";

/** A published version of a project's storyboard, with its assets as they were then. It never changes. */
export interface ShownStoryboard {
  projectId: number;
  version: number;
  storyboard: Storyboard;
  assets: StoredAssets;
}

/** All that is needed to open the links of one batch. */
export interface LinkedBatch {
  batchId: number;
  projectId: number;
  status: BatchStatus;
  imported: boolean;
  /** A rehearsal's: its pages say so. */
  rehearsal: boolean;
  /** Its result file has been in a Downloads folder. */
  delivered: boolean;
  /** The link key; undefined before the first link is made. */
  key: Buffer | undefined;
  expiresAt: Date | undefined;
  files: RecipientFiles | undefined;
  /** Of the profile that the batch was received under; undefined when that has no links. */
  page: Links["page"] | undefined;
  /** What its links show; undefined: the simple page of the profile. */
  storyboard: ShownStoryboard | undefined;
  /** The project's own address for its pages. */
  ownAddress: OwnAddress | undefined;
  /** What the profile calls the project. */
  sender: string;
  revoked: boolean;
  revokedRecords: ReadonlySet<number>;
}

/** A batch whose links may be shown. */
export interface OpenBatch extends LinkedBatch {
  files: RecipientFiles;
  page: Links["page"];
}

/**
 * Whether the batch's links open at all. They do from the import on, before anybody has the result file: the file may
 * reach the client a moment before the batch is marked as completed. A batch that failed after an earlier delivery, on a
 * retry, keeps its links: they are in the client's hands.
 */
export function isReleased(batch: LinkedBatch): batch is OpenBatch {
  if (batch.files === undefined || batch.page === undefined || !batch.imported) return false;
  switch (batch.status) {
    case "running":
    case "completed":
    case "partial":
      return true;
    case "failed":
      return batch.delivered;
    case "received":
    case "rejected":
    case "duplicate":
    case "superseded":
    case "cancelled":
    case "unpacked":
      return false;
  }
}

/** Whether this link was taken back, or its time is over. */
export function isEndedLink(batch: LinkedBatch, recordNumber: number, now: Date): boolean {
  if (batch.revoked || batch.revokedRecords.has(recordNumber)) return true;
  return batch.expiresAt !== undefined && batch.expiresAt <= now;
}
