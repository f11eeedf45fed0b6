import type { Blobs } from "@inlet/blobs";
import { type Format, formatSchema, InvariantBroken, monitoringOf, type Table } from "@inlet/contracts";
import type { StepWork } from "@inlet/pipeline";
import type { CameIn, Plain } from "@inlet/structural-check";

/** How the puller writes: nothing is guessed, because a cell may hold anything. */
const PULLED_FORMAT: Format = formatSchema.parse({
  delimiter: ",",
  quote: '"',
  escape: "doubled",
  encoding: "utf-8",
  preambleLines: 0,
});

const AS_IT_IS: CameIn = { pgp: false, signedBy: null, zip: false, zipEncrypted: false };

/** Whether a batch's file is one that Inlet pulled and wrote itself. */
export const isPulled = ({ step }: Pick<StepWork<Table | null>, "step">): boolean => step.source === "pull";

/** Opens a pulled file: it came in nothing, whatever the project asks of files that are sent. */
export async function openPulled(
  blobs: Blobs,
  { step }: StepWork<Table | null>,
): Promise<{ plain: Plain; cameIn: CameIn }> {
  const { source } = step.artifacts;
  if (source === undefined) {
    throw new InvariantBroken({ code: "artifact_missing", message: `Batch ${step.batchId} has no source file.` });
  }
  const artifact = { ...source, kind: "plain" as const, sha256: Buffer.from(source.sha256, "hex") };
  return { plain: { reader: await blobs.open(source.blobKey), artifact }, cameIn: AS_IT_IS };
}

/**
 * A table as its pulled files are held against it: in the puller's own dialect, numbers as JSON writes them, and by the number of
 * records that was pulled, which every declared number is held against; what senders say of files of theirs does not count. A
 * monitored import takes all rows or none.
 */
export function tableAsPulled({ table, profile }: Pick<StepWork, "table" | "profile">): Table {
  return {
    ...table,
    format: PULLED_FORMAT,
    controls: [],
    columns: table.columns.map((column) => ({ ...column, decimalSeparator: "." })),
    invalid: monitoringOf(profile).enabled ? { policy: "reject" } : table.invalid,
  };
}
