import { statfs } from "node:fs/promises";
import { bytes, matchContainer, matchErrorFile, matchFile, type Profile, unknownFileName } from "@inlet/contracts";
import { type AuditEntry, type Database, insertDraft, type NewDraft, recordAudit, transaction } from "@inlet/database";
import { Refusal } from "../requests/errors.ts";

/** What has to stay free on the disk: pipelines work there, too. */
const KEPT_FREE_BYTES = 64 * 1024 * 1024;

/** What holds for every draft. */
export interface DraftLimits {
  dataFolder: string;
  maxBytes: number;
  /** Open drafts of one caller. */
  mostOpen: number;
}

/**
 * The table of a draft: the one that was chosen, or else the one that the name tells. Undefined: a ZIP or an OpenPGP message,
 * whose inner name tells.
 * @throws Refusal `table_unclear`
 */
export function tableFor(profile: Profile, { fileName, table }: { fileName: string; table?: string | undefined }) {
  const names = profile.tables.map(({ name }) => name).join(", ");
  if (table !== undefined) {
    if (profile.tables.some(({ name }) => name === table)) return table;
    throw new Refusal(400, "table_unclear", `Project ${profile.project} has no table ${table}; it has ${names}.`);
  }
  const match = matchErrorFile(profile, fileName) ?? matchFile(profile, fileName) ?? matchContainer(fileName);
  if (match === undefined) {
    throw new Refusal(
      400,
      "table_unclear",
      `${unknownFileName(profile, fileName).message} Or say what it is: ${names}.`,
    );
  }
  return match.table ?? undefined;
}

/**
 * Begins a draft, within the limits.
 * @throws Refusal `file_too_large`, `disk_full`, `drafts_too_many`
 */
export async function beginDraft(
  database: Database,
  draft: NewDraft,
  { limits, audit }: { limits: DraftLimits; audit(draftId: number): AuditEntry },
): Promise<number> {
  const { dataFolder, maxBytes, mostOpen } = limits;
  if (draft.sizeBytes > maxBytes) {
    throw new Refusal(413, "file_too_large", `A file may have at most ${bytes(maxBytes)} (${maxBytes} bytes) here.`);
  }
  await assertDiskRoom(dataFolder, draft.sizeBytes);
  return await transaction(database, async (tx) => {
    const id = await insertDraft(tx, draft, { mostOpen });
    if (id === undefined) {
      throw new Refusal(
        409,
        "drafts_too_many",
        `You have ${mostOpen} files here that are not submitted. Submit or discard some of them first.`,
      );
    }
    await recordAudit(tx, audit(id));
    return id;
  });
}

/**
 * Asked when a file is announced, and again for each piece of it: what others announced meanwhile is not on the disk yet.
 * @throws Refusal `disk_full`
 */
export async function assertDiskRoom(dataFolder: string, sizeBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dataFolder);
  if (sizeBytes + KEPT_FREE_BYTES <= bavail * bsize) return;
  throw new Refusal(507, "disk_full", "There is no room for this file at the moment. Send it again later.");
}
