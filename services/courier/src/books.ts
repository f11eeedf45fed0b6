import { Misconfigured } from "@inlet/contracts";
import {
  accountsById,
  type ClaimedStep,
  type Database,
  isPlaceOvertaken,
  type PlacedFile,
  type Placing,
  putPlacedFiles,
  type ReceivingAccount,
  receivingAccounts,
} from "@inlet/database";
import { gather } from "@inlet/pipeline";
import { StepLost } from "./fence.ts";

/** What PostgreSQL knows of receivers and places. Deliveries that are under way at the same time share its statements. */
export interface Books {
  /** None for what came by e-mail, where nobody sees the project. @throws Misconfigured `no_receiving_account` */
  receivers(step: ClaimedStep): Promise<readonly ReceivingAccount[]>;
  /** Whether a newer batch has put a file into this very place. */
  isOvertaken(step: ClaimedStep, place: Pick<PlacedFile, "destination" | "path">): Promise<boolean>;
  /** Records files that lie in their place. @throws StepLost */
  record(step: ClaimedStep, files: readonly PlacedFile[]): Promise<void>;
}

export function openBooks(database: Database): Books {
  const account = gather(async (ids: readonly number[]) => {
    const found = await accountsById(database, ids);
    return ids.map((id) => found.get(id));
  });
  const put = gather(async (placings: readonly Placing[]) => {
    const ours = await putPlacedFiles(database, placings);
    return placings.map(({ stepId }) => ours.has(stepId));
  });

  async function accountsFor(step: ClaimedStep): Promise<readonly ReceivingAccount[]> {
    if (step.accountId === null) return await receivingAccounts(database, step);
    const sender = await account(step.accountId);
    return sender ? [sender] : [];
  }

  return {
    async receivers(step) {
      const accounts = await accountsFor(step);
      if (accounts.length > 0 || step.source === "email") return accounts;
      throw new Misconfigured({
        code: "no_receiving_account",
        message: `No enabled SFTP account of client ${step.client} sees project ${step.project}, so there is no Downloads folder to deliver into. ${step.importedAt === null ? "The file" : "The rows are imported, and the file"} to deliver is kept: add an account, or set the profile's delivery to sftp, and retry the batch.`,
      });
    },
    isOvertaken: ({ projectId, batchId }, place) => isPlaceOvertaken(database, { projectId, batchId, ...place }),
    async record({ stepId, epoch }, files) {
      if (!(await put({ stepId, epoch, files }))) throw new StepLost();
    },
  };
}
