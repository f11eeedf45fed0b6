import { bytes } from "@inlet/contracts";
import { assetUsage, type Executor } from "@inlet/database";
import { Refusal } from "../requests/errors.ts";

/** Files of one project. */
const MOST_ASSETS = 500;
/** Of all that lies on the disk for one project: uploads, what they became, and what versions keep. */
const MOST_STORED_BYTES = 20_000_000_000;

/** Whether a project may have one more file of this size. @throws Refusal `assets_too_many` */
export async function assertAssetRoom(
  executor: Executor,
  { projectId, sizeBytes }: { projectId: number; sizeBytes: number },
): Promise<void> {
  const { assets, storedBytes } = await assetUsage(executor, projectId);
  const advice = "Remove those that no storyboard shows";
  if (assets >= MOST_ASSETS) {
    throw new Refusal(409, "assets_too_many", `A project may have ${MOST_ASSETS} assets, and has as many. ${advice}.`);
  }
  if (storedBytes + sizeBytes <= MOST_STORED_BYTES) return;
  const message =
    `The assets of a project may take ${bytes(MOST_STORED_BYTES)}, and take ${bytes(storedBytes)}: uploads and files that were ` +
    `replaced count for a day, what versions show for ever. ${advice}, and try again tomorrow.`;
  throw new Refusal(409, "assets_too_many", message);
}
