import { InvariantBroken } from "@inlet/contracts";
import type { ClaimedStep } from "@inlet/database";

/** What is to be delivered. */
export interface Parcel {
  batchId: number;
  /** The attempt's fence. */
  epoch: number;
  blobKey: string;
  name: string;
  sizeBytes: number;
  sha256: Buffer;
  /** Whether a flag file follows. */
  flag: boolean;
}

/** The result file of a batch. */
export function parcelOf(step: ClaimedStep, flag: boolean): Parcel {
  const result = step.artifacts.result;
  if (result === undefined) {
    throw new InvariantBroken({ code: "artifact_missing", message: `Batch ${step.batchId} has no result file.` });
  }
  if (result.name.includes("/") || result.name.includes("\0") || result.name.startsWith(".")) {
    throw new InvariantBroken({
      code: "result_name_unfit",
      message: `The result of batch ${step.batchId} has a name that cannot be put into a folder.`,
    });
  }
  const { batchId, epoch } = step;
  return { ...result, batchId, epoch, flag, sha256: Buffer.from(result.sha256, "hex") };
}
