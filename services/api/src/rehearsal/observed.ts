import type { Profile, RehearsalLine, RehearsalLineId, Table } from "@inlet/contracts";
import type { RehearsedBatch, SeenDownload, SeenRefusal, SeenSender } from "@inlet/database";
import { z } from "zod";

/** A rehearsed file, and what the audit knows of who sent it and who fetched its result. */
export interface ObservedBatch extends RehearsedBatch {
  sender: SeenSender | undefined;
  downloads: readonly SeenDownload[];
  /** The client's own API key that its result was got with. */
  takenWith: string | undefined;
}

/** All that was seen of a rehearsal. */
export interface Observed {
  profile: Profile;
  /** The version that is to go live; null: the project is live. */
  profileVersion: number | null;
  /** The newest of each table, and the newest of none; oldest first. */
  batches: readonly ObservedBatch[];
  /** What the client's logins were refused while no file had come; the newest first. */
  refusals: readonly SeenRefusal[];
  /** An e-mail that no file was taken from, while none had come. */
  refusedMail: { from: string; code: string } | undefined;
  /** Tables of the profile that are not made yet, or lack a column that others refer to. */
  unmadeTables: ReadonlySet<string>;
}

/** What a line of the checklist says, without what it is called. */
export type Verdict = Pick<RehearsalLine, "state" | "found" | "expected" | "whatToDo">;

/** A file under a table's heading; undefined: none has come. */
export interface TableView extends Pick<Observed, "profile" | "profileVersion" | "unmadeTables"> {
  table: Table;
  batch: ObservedBatch | undefined;
}

export const green = (found: string, expected: string | null = null): Verdict => ({
  ...{ state: "green", found, expected, whatToDo: null },
});
export const warning = (found: string, expected: string | null, whatToDo: string): Verdict => ({
  ...{ state: "warning", found, expected, whatToDo },
});
export const red = (found: string, expected: string | null, whatToDo: string): Verdict => ({
  ...{ state: "red", found, expected, whatToDo },
});
export const waiting = (
  expected: string | null,
  whatToDo: string | null = null,
  found: string | null = null,
): Verdict => ({
  ...{ state: "waiting", found, expected, whatToDo },
});
export const notNeeded = (found: string): Verdict => ({
  ...{ state: "not_needed", found, expected: null, whatToDo: null },
});

/** What the check leaves with its step, as far as a rehearsal tells of it. Older ones may lack what is newer here. */
const checkedSchema = z.object({
  scan: z
    .object({
      dialect: z.object({ encoding: z.string(), bom: z.boolean(), delimiter: z.string() }),
    })
    .nullish(),
  columns: z
    .array(z.object({ label: z.string(), column: z.string().nullable(), matchedBy: z.string().nullable() }))
    .optional(),
  wrapping: z
    .object({
      pgp: z.boolean().optional(),
      signedBy: z.string().nullish(),
      zip: z.boolean().optional(),
      zipEncrypted: z.boolean().optional(),
    })
    .nullish(),
});
type Checked = z.infer<typeof checkedSchema>;

/** What the check left; undefined: it has not come to its end, or left nothing. */
export function checkedOf(batch: ObservedBatch): Checked | undefined {
  const parsed = checkedSchema.safeParse(batch.checked);
  return parsed.success ? parsed.data : undefined;
}

/** Which line a reason to refuse a file belongs to, by the beginning of its code. What is not here is about its rows. */
const CULPRITS: readonly (readonly [RegExp, RehearsalLineId])[] = [
  [/^(system_|pull_(access_denied|unavailable))/, "login"],
  [/^pull_/, "counts"],
  [/^(unknown_file_name|table_unknown)/, "file_name"],
  [/^file_(lost|damaged)/, "folder"],
  [/signature|unsigned|signer/, "signature"],
  [/^(pgp|encryption)_/, "encryption"],
  [/^(zip|archive|container|volumes)_/, "zip_password"],
  [/^(encoding_|file_utf16)/, "encoding"],
  [/^(header_|column_missing|title_lines)/, "header"],
  [/^(file_empty|file_too_large|records_|control_|trailer_)/, "counts"],
  [/^reference_table_missing/, "references"],
];

const FAILED_STAGES = [
  ["validate", "types"],
  ["personalise", "result"],
  ["import", "import"],
  ["deliver", "result_fetched"],
] as const;

/** Where a file's way ended before its end; undefined: it did not. */
export function stoppedAt({ status, reasonCode, steps }: ObservedBatch): RehearsalLineId | undefined {
  const culprit = CULPRITS.find(([code]) => code.test(reasonCode ?? ""))?.[1];
  if (status === "failed") {
    return culprit ?? FAILED_STAGES.find(([kind]) => steps[kind]?.state === "failed")?.[1] ?? "types";
  }
  if (status === "rejected") return culprit ?? "types";
  return status === "cancelled" || status === "duplicate" || status === "superseded" ? "types" : undefined;
}

/** What a file that was stopped here is to be told. */
export function stopped(batch: ObservedBatch, expected: string | null): Verdict {
  const found = batch.reasonMessage ?? `The file is ${batch.status}.`;
  return red(
    found,
    expected,
    batch.status === "failed"
      ? `Not the client's fault: see batch ${batch.batchId}, mend what it names, and retry it.`
      : sendAgain(batch),
  );
}

/** Mending what was wrong, and bringing it once more. */
export const sendAgain = ({ source }: Pick<ObservedBatch, "source">) =>
  source === "pull" ? "Mend it in the system, or in the profile, and pull again." : SEND_AGAIN;

export const SEND_AGAIN = "Mend the file and send it again; the same name is welcome.";

/** What has not been seen yet, and why. */
export function notSeen(batch: ObservedBatch | undefined, expected: string | null): Verdict {
  if (batch === undefined) return waiting(expected);
  const isOver = stoppedAt(batch) !== undefined;
  return waiting(expected, null, isOver ? "not seen: the file was stopped before" : "under way");
}
