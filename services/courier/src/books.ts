import { Misconfigured } from "@inlet/contracts";
import {
  accountsById,
  type ClaimedStep,
  type Database,
  isPlaceOvertaken,
  lockPlace,
  type PlacedFile,
  type Placing,
  putPlacedFiles,
  type ReceivingAccount,
  receivingAccounts,
  transaction,
} from "@inlet/database";
import { gather } from "@inlet/pipeline";
import { StepLost } from "./fence.ts";

/** What PostgreSQL knows of receivers and places. Deliveries that are under way at the same time share its statements. */
export interface Books {
  /** None for what came by e-mail, where nobody sees the project. @throws Misconfigured `no_receiving_account` */
  receivers(step: ClaimedStep): Promise<readonly ReceivingAccount[]>;
  /**
   * Puts a file into its place, and records that, while nobody else does so there; but not over a newer batch's file.
   * @param file a flag goes by the place of the result that it announces, `at`
   * @param put false: it was not put there after all
   * @throws StepLost
   */
  putInTurn(
    step: ClaimedStep,
    file: PlacedFile & { at?: string },
    put: () => Promise<boolean>,
  ): Promise<boolean | "overtaken">;
  /** Records files that lie in their place. @throws StepLost */
  record(step: ClaimedStep, files: readonly PlacedFile[]): Promise<void>;
}

/** How long a delivery waits for another one to give its file the same name. */
const LONGEST_TURN_MS = 2_000;

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
    async putInTurn({ projectId, batchId, stepId, epoch }, { at, ...file }, put) {
      const place = { destination: file.destination, path: at ?? file.path };
      return await transaction(
        database,
        async (tx) => {
          await lockPlace(tx, place);
          if (await isPlaceOvertaken(tx, { ...place, projectId, batchId })) return "overtaken";
          if (!(await put())) return false;
          if (!(await putPlacedFiles(tx, [{ stepId, epoch, files: [file] }])).has(stepId)) throw new StepLost();
          return true;
        },
        // Whoever froze in there is ended by this name once the step is taken away; till then others try again.
        { applicationName: `inlet:${stepId}:${epoch}`, settings: { lock_timeout: `${LONGEST_TURN_MS}ms` } },
      );
    },
    async record({ stepId, epoch }, files) {
      if (!(await put({ stepId, epoch, files }))) throw new StepLost();
    },
  };
}
