import type { Blobs } from "@inlet/blobs";
import type { Profile, Table } from "@inlet/contracts";
import type { ClaimedStep, Database } from "@inlet/database";
import type { StepWork } from "@inlet/pipeline";

/** What opening a file needs. */
export interface OpeningParts {
  blobs: Blobs;
  database: Database;
  keyEncryptionKey: Buffer;
}

/**
 * A stored file that is to be opened, and whose it is. A batch's step is one; so is a file that is looked at before it
 * becomes a batch, with the number of its folder in its own store for `batchId`.
 */
export interface SentWork extends Pick<StepWork<Table | null>, "signal" | "giveWay"> {
  readonly step: Pick<
    ClaimedStep,
    "batchId" | "epoch" | "client" | "clientId" | "project" | "projectId" | "fileName" | "partOf"
  > & { artifacts: Pick<ClaimedStep["artifacts"], "source"> };
  readonly profile: Profile;
  /** Null: the name tells none, or not yet. */
  readonly table: Table | null;
}
