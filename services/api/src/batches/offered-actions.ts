import { type BatchAction, type BatchActionName, isEnded } from "@inlet/contracts";
import type { BatchDetailRow } from "@inlet/database";
import { filesOver, judgeRerun, type RerunCase } from "@inlet/pipeline";
import type { Access, Caller } from "../access.ts";
import { STATUS_WORDS } from "./wording.ts";

type Offer = Omit<BatchAction, "action" | "needs" | "caution"> & Partial<Pick<BatchAction, "needs" | "caution">>;

/** What each action asks of its caller; see the routes. */
const NEEDED: Readonly<Record<BatchActionName, Access>> = {
  retry: "operate",
  cancel: "operate",
  rerun: "operate",
  download: "files",
  revoke: "send",
  log: "operate",
};

const YES: Offer = { allowed: true, why: null };
const no = (why: string): Offer => ({ allowed: false, why });

/** What a caller may do with a batch now, and why not the rest. The routes themselves decide; this says it beforehand. */
export function offeredActions(
  batch: BatchDetailRow,
  around: RerunCase,
  caller: Pick<Caller, "permissions">,
): BatchAction[] {
  const offers: Readonly<Record<BatchActionName, () => Offer>> = {
    retry: () => retry(batch, around),
    cancel: () => cancel(batch),
    rerun: () => rerun(batch, around),
    download: () => download(batch, around),
    revoke: () => revoke(batch),
    log: () => YES,
  };
  return (Object.keys(offers) as BatchActionName[]).map((action) => {
    const offer = caller.permissions.includes(NEEDED[action] as never) ? offers[action]() : no(NOT_YOURS[action]);
    return { action, needs: [], caution: null, ...offer };
  });
}

const OPERATORS = "Only operators may do this. Ask one of them.";
const NOT_YOURS: Readonly<Record<BatchActionName, string>> = {
  retry: OPERATORS,
  cancel: OPERATORS,
  rerun: OPERATORS,
  log: "Only operators read the log.",
  download: "You may see what became of files, not the files themselves.",
  revoke: "You may look at batches, not change them.",
};

function retry(batch: BatchDetailRow, { standing, resentAs }: RerunCase): Offer {
  const { id, status } = batch;
  const over = filesOver(standing);
  if (over !== undefined && isEnded(status)) return no(over.message);
  if (status === "superseded") {
    return {
      ...YES,
      needs: ["force", "reason"],
      caution: `Batch ${standing.overtakenBy ?? "after it"} is newer and imported: this puts older rows over its rows.`,
    };
  }
  if (status === "rejected" && batch.steps.some(({ kind, state }) => kind === "deliver" && state === "failed")) {
    return { ...YES, caution: "Only the delivery of its error file is tried again; the file stays rejected." };
  }
  if (status === "rejected") return no(`Batch ${id} was rejected because of its file. Have it mended and sent again.`);
  if (status !== "failed") return no(`Batch ${id} is ${words(batch)}; only a failed batch can be retried.`);
  if (resentAs !== undefined && batch.importedAt === null) {
    return {
      ...YES,
      needs: ["force", "reason"],
      caution: `Its file was sent again and accepted as batch ${resentAs}: both together may be the same rows twice.`,
    };
  }
  return YES;
}

function download({ id, artifacts }: BatchDetailRow, { standing }: RerunCase): Offer {
  if (artifacts.length > 0) return YES;
  const over = filesOver(standing);
  return no(over?.code === "files_deleted" ? over.message : `Batch ${id} has no stored files.`);
}

function cancel(batch: BatchDetailRow): Offer {
  if (isEnded(batch.status)) return no(`Batch ${batch.id} is ${words(batch)} already.`);
  if (batch.importedAt !== null) return no(`Batch ${batch.id} is imported already; what is left is its delivery.`);
  return YES;
}

function rerun(batch: BatchDetailRow, around: RerunCase): Offer {
  const judged = judgeRerun(around);
  if ("code" in judged) return no(judged.message);
  const needs = [
    ...(judged.force ? (["force"] as const) : []),
    ...(judged.reason || judged.force ? (["reason"] as const) : []),
  ];
  return { ...YES, needs, caution: rerunCaution(batch, around, judged.force) };
}

function rerunCaution({ id }: BatchDetailRow, { standing, resentAs }: RerunCase, isOvertaken: boolean): string | null {
  if (isOvertaken) return `Batch ${standing.overtakenBy} is newer and imported: this puts older rows over its rows.`;
  if (standing.wasImported && !standing.rehearsal)
    return `The rows of batch ${id} are imported: a table that only grows has them twice.`;
  if (resentAs !== undefined) return `Its file was sent again and accepted as batch ${resentAs}.`;
  return null;
}

function revoke({ id, links, revoked, filesDeletedAt }: BatchDetailRow): Offer {
  if (!links) return no(`Batch ${id} has no links.`);
  if (filesDeletedAt !== null) return no(`The files of batch ${id} are deleted, and its links are gone with them.`);
  if (revoked.all) return no(`All links of batch ${id} are taken back already.`);
  return { ...YES, caution: "There is no way back." };
}

const words = ({ status }: BatchDetailRow) => STATUS_WORDS[status].toLowerCase();
