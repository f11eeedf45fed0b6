import { randomBytes } from "node:crypto";
import { link, mkdir, open, rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { Blobs } from "@inlet/blobs";
import { type DraftSubmitted, InvariantBroken } from "@inlet/contracts";
import {
  type AuditEntry,
  applyProfile,
  type Database,
  type DraftDetailRow,
  type DraftPlace,
  draftEditors,
  findDraft,
  insertUpload,
  type LiveProject,
  liveProject,
  lockClientProfiles,
  lockDraft,
  recordAudit,
  requestDraftCheck,
  sqlstateOf,
  submitDraft,
  submittedArrival,
  type Tx,
  transaction,
} from "@inlet/database";
import { failpoint } from "@inlet/runtime";
import { uploadFolder } from "../env.ts";
import { Refusal } from "../requests/errors.ts";
import { newAliases, withAliases } from "./aliases.ts";
import { noDraft, notChecked } from "./draft-refusals.ts";
import { draftsFolder, sourceKey } from "./draft-store.ts";
import { CELLS_NAMED, historyOf } from "./history.ts";
import { openReading } from "./reading.ts";

interface Submission {
  place: DraftPlace;
  /** Who submits. */
  actor: string;
  audit(action: string, facts: { path: string; sha256?: Buffer; detail: object }): AuditEntry;
}

interface Parts {
  database: Database;
  store: Blobs;
  dataFolder: string;
}

/** `again`: the profile has moved on, and a new check was begun. */
type Outcome = { kind: "submitted"; submitted: DraftSubmitted; isNew: boolean } | { kind: "again" };

/**
 * Makes a draft an arrival. The file gets a second name among the uploads first, and the arrival is committed then: a crash
 * between the two leaves a name that the sweep of uploads removes, and the draft as it was. Two who submit at once make one
 * arrival, and both are told of it.
 */
export async function submitChecked(parts: Parts, submission: Submission): Promise<Outcome> {
  const { database, dataFolder } = parts;
  const { draftId, scope } = submission.place;
  const seen = await findDraft(database, { draftId, scope });
  if (seen === undefined) throw noDraft(draftId);
  const before = await submittedBefore(database, seen);
  if (before !== undefined) return { kind: "submitted", submitted: before, isNew: false };
  assertSubmittable(seen);
  const handed = handedOver(seen);
  const labels = await labelsOf(parts.store, seen);
  const location = `uploads/${randomBytes(16).toString("hex")}`;
  try {
    await linkUpload(dataFolder, join(draftsFolder(dataFolder), handed.key), location);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    // A newer check, or whoever discarded the draft, took the file away meanwhile.
    const later = await findDraft(database, { draftId, scope });
    if (later?.epoch === seen.epoch) throw error;
    return await submitChecked(parts, submission);
  }
  failpoint("draft.linked");
  let outcome: Outcome | undefined;
  try {
    outcome = await transaction(database, (tx) => submitLocked(tx, { seen, handed, labels, location, submission }));
    return outcome;
  } catch (error) {
    // A COMMIT whose answer got lost may stand: then the arrival names the file, and the sweep keeps it.
    if (error instanceof Refusal || sqlstateOf(error) !== undefined)
      await rm(join(dataFolder, location), { force: true });
    throw error;
  } finally {
    const isUsed = outcome?.kind === "submitted" && outcome.isNew;
    if (outcome !== undefined && !isUsed) await rm(join(dataFolder, location), { force: true });
  }
}

interface HandedOver {
  key: string;
  sizeBytes: number;
  sha256: Buffer;
}

interface Locked {
  seen: DraftDetailRow;
  handed: HandedOver;
  labels: readonly string[];
  location: string;
  submission: Submission;
}

async function submitLocked(tx: Tx, { seen, handed, labels, location, submission }: Locked): Promise<Outcome> {
  const { place, actor, audit } = submission;
  await lockClientProfiles(tx, seen.client);
  const draft = await lockDraft(tx, place);
  if (draft === undefined) throw noDraft(place.draftId);
  const before = await submittedBefore(tx, draft);
  if (before !== undefined) return { kind: "submitted", submitted: before, isNew: false };
  assertSubmittable(draft);
  if (draft.version !== seen.version || draft.epoch !== seen.epoch) throw notChecked(draft);
  const live = await liveProject(tx, draft.projectId!);
  if (live === undefined) throw noDraft(draft.id);
  if (live.profileVersion !== draft.checked!.profileVersion) {
    await requestDraftCheck(tx, { draftId: draft.id });
    return { kind: "again" };
  }
  const path = `${draft.client}/${draft.project}/${draft.fileName}`;
  const profileVersion = await remember(tx, { draft, live, submission });
  const editors = await draftEditors(tx, { draftId: draft.id, shown: CELLS_NAMED });
  const history = historyOf(draft, editors, { labels, actor });
  const arrivalId = await insertUpload(tx, {
    ...{ projectId: live.projectId, fileName: draft.fileName, location, declaredRecords: draft.declaredRecords },
    ...{ sizeBytes: handed.sizeBytes, sha256: handed.sha256, history },
    tableName: draft.tableName,
    mapping: draft.mapping.length === 0 ? null : { columns: draft.mapping },
  });
  await submitDraft(tx, { draftId: draft.id, arrivalId });
  const detail = {
    ...{ draftId: draft.id, arrivalId, sizeBytes: handed.sizeBytes },
    ...(editors.length > 0 && { mended: history.filter(({ event }) => event === "mended") }),
    ...(draft.mapping.length > 0 && { mapped: draft.mapping }),
  };
  await recordAudit(tx, audit("file.submit", { path, sha256: handed.sha256, detail }));
  const { fileName } = draft;
  const { sizeBytes, sha256 } = handed;
  const submitted = { arrivalId, fileName, sizeBytes, sha256: sha256.toString("hex"), profileVersion };
  return { kind: "submitted", submitted, isNew: true };
}

/** Stores the profile with the chosen labels as aliases. Returns its version; null: there is nothing to remember. */
async function remember(
  tx: Tx,
  { draft, live, submission }: { draft: DraftDetailRow; live: LiveProject; submission: Submission },
): Promise<number | null> {
  const table = live.profile.tables.find(({ name }) => name === draft.tableName);
  if (!draft.remember || table === undefined) return null;
  const aliases = newAliases(table, draft.mapping);
  if (aliases.length === 0) return null;
  const profile = withAliases(live.profile, table.name, aliases);
  const { version, changed } = await applyProfile(tx, { profile, appliedBy: submission.actor });
  if (!changed) return null;
  const path = `${draft.client}/${draft.project}`;
  const detail = { version, table: table.name, aliases, draftId: draft.id };
  await recordAudit(tx, submission.audit("profile.remember", { path, detail }));
  return version;
}

/** What is handed on: the mended file; or what was uploaded, in whatever it came. */
function handedOver(draft: DraftDetailRow): HandedOver {
  const { checkFiles, sizeBytes, sha256 } = draft;
  if (checkFiles === null || sha256 === null) throw notChecked(draft);
  const { content, plain } = checkFiles;
  if (content.key === plain.key) return { key: sourceKey(draft), sizeBytes, sha256 };
  return { key: content.key, sizeBytes: content.sizeBytes, sha256: Buffer.from(content.sha256, "hex") };
}

async function labelsOf(store: Blobs, { checkFiles, editCount }: DraftDetailRow): Promise<string[]> {
  if (checkFiles === null || editCount === 0) return [];
  const reading = await openReading(store, checkFiles);
  try {
    return reading.columns.map(({ label }) => label);
  } finally {
    await reading.close();
  }
}

function assertSubmittable(draft: DraftDetailRow): void {
  const { state, checked, trialProfile, reason } = draft;
  if (trialProfile !== null) {
    throw new Refusal(
      409,
      "draft_is_trial",
      "A trial is never submitted. Save the profile, and upload the file to it.",
    );
  }
  if (state === "unreadable") throw new Refusal(409, "check_failed", reason?.message ?? "The file cannot be read.");
  if (state !== "checked" || checked === null) throw notChecked(draft);
  if (checked.canSubmit) return;
  throw new Refusal(409, "check_failed", `${checked.policy.text} ${checked.policy.outcome}`);
}

async function submittedBefore(
  executor: Parameters<typeof insertUpload>[0],
  draft: DraftDetailRow,
): Promise<DraftSubmitted | undefined> {
  if (draft.state !== "submitted") return undefined;
  const arrival = await submittedArrival(executor, draft.arrivalId!);
  if (arrival === undefined) {
    const message = `Draft ${draft.id} is submitted, but its arrival ${draft.arrivalId} is not there.`;
    throw new InvariantBroken({ code: "arrival_missing", message });
  }
  return { ...arrival, sha256: arrival.sha256.toString("hex"), profileVersion: null };
}

/** Gives a file of a draft a second name among the uploads. A fresh one: what is old there counts as left over. */
async function linkUpload(dataFolder: string, path: string, location: string): Promise<void> {
  const folder = uploadFolder(dataFolder);
  await mkdir(folder, { recursive: true });
  const now = new Date();
  await utimes(path, now, now);
  await link(path, join(dataFolder, location));
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
