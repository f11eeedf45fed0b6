import { type ArtifactKind, DEFAULT_DELIVERY, type Delivery, InvariantBroken, type Profile } from "@inlet/contracts";
import type { ClaimedStep } from "@inlet/database";
import { handedOver } from "@inlet/pipeline";
import { besideName } from "./place-names.ts";

/** One file that is to be delivered. */
export interface Parcel {
  batchId: number;
  /** The attempt's fence. */
  epoch: number;
  artifact: ArtifactKind;
  blobKey: string;
  name: string;
  sizeBytes: number;
  sha256: Buffer;
  /** What is done where another file of its name is. */
  existing: Delivery["existing"];
  /** A flag file announces it, in the end, or may have announced what was there before it. */
  isFlagged: boolean;
}

/** What of a batch goes to its client, in the order in which it is put there: the result, then the error file. */
export function parcelsOf(step: ClaimedStep, profile: Profile): Parcel[] {
  const { existing, flag } = profile.delivery ?? DEFAULT_DELIVERY;
  const { batchId, epoch, artifacts } = step;
  const names = new Set<string>();
  return handedOver(profile, step, (kind) => artifacts[kind] !== undefined).map((artifact) => {
    const stored = artifacts[artifact];
    if (stored === undefined) {
      throw new InvariantBroken({
        code: "artifact_missing",
        message: `Batch ${batchId} has no stored file ${artifact}, which is to be delivered.`,
      });
    }
    assertFit(stored.name, batchId);
    const isTaken = names.has(stored.name.toLowerCase());
    const name = isTaken ? besideName(stored.name, " (errors)") : stored.name;
    names.add(name.toLowerCase());
    const isFlagged = isResult(artifact) && (flag || existing === "replace");
    return {
      ...stored,
      batchId,
      epoch,
      artifact,
      name,
      existing,
      isFlagged,
      sha256: Buffer.from(stored.sha256, "hex"),
    };
  });
}

/** Whether a stored file is a result, which a flag file announces; not so an error file. */
export const isResult = (artifact: ArtifactKind): boolean => artifact === "result" || artifact === "wrapped_result";

function assertFit(name: string, batchId: number): void {
  if (!name.includes("/") && !name.includes("\0") && !name.startsWith(".")) return;
  throw new InvariantBroken({
    code: "result_name_unfit",
    message: `A file of batch ${batchId} has a name that cannot be put into a folder.`,
  });
}
