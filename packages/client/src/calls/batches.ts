import type { ArtifactKind, BatchStatus, BulkRetryBody, RerunBody, RetryBody, RevocationBody } from "@inlet/contracts";
import { type Paging, part, queryOf } from "../address.ts";
import { type StoredFile, storedFileOf } from "../stored-file.ts";
import type { Send } from "../transport.ts";

/** Conditions on batches; absent ones do not count. */
export interface BatchConditions extends Paging {
  client?: string | undefined;
  project?: string | undefined;
  table?: string | undefined;
  status?: readonly BatchStatus[] | undefined;
  source?: readonly string[] | undefined;
  /** `#123`, part of a file's name, a login's whole name, or the beginning of a SHA-256. */
  text?: string | undefined;
  rehearsal?: boolean | undefined;
  findings?: boolean | undefined;
  run?: number | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

export interface IssueConditions extends Paging {
  code?: string | undefined;
  column?: string | undefined;
  severity?: "error" | "warning" | undefined;
}

export const batchCalls = (send: Send) => ({
  batches: (conditions: BatchConditions = {}) => send("batchPageSchema", "GET", `/v1/batches${queryOf(conditions)}`),
  /** By status, whatever `status` says. */
  batchCounts: ({ cursor: _, limit: __, status: ___, ...conditions }: BatchConditions = {}) =>
    send("batchCountsSchema", "GET", `/v1/batches/counts${queryOf(conditions)}`),
  batch: (id: number) => send("batchDetailSchema", "GET", `/v1/batches/${id}`),
  issues: (batchId: number, conditions: IssueConditions = {}) =>
    send("issuePageSchema", "GET", `/v1/batches/${batchId}/issues${queryOf(conditions)}`),
  retry: (batchId: number, body: RetryBody = {}) =>
    send("batchDetailSchema", "POST", `/v1/batches/${batchId}/retry`, body),
  /** Each by itself: see `outcomes`. */
  retryMany: (body: BulkRetryBody) => send("bulkRetrySchema", "POST", "/v1/batches/retry", body),
  /** Resolves to the new batch. */
  rerun: (batchId: number, body: RerunBody = {}) =>
    send("batchDetailSchema", "POST", `/v1/batches/${batchId}/rerun`, body),
  /** Oldest first. A page without lines may have a next one. */
  batchLog: (batchId: number, conditions: Paging & { level?: "debug" | "info" | "warn" | "error" | undefined } = {}) =>
    send("batchLogPageSchema", "GET", `/v1/batches/${batchId}/log${queryOf(conditions)}`),
  cancel: (batchId: number, body: { reason?: string | undefined } = {}) =>
    send("batchDetailSchema", "POST", `/v1/batches/${batchId}/cancel`, body),
  revoke: (batchId: number, body: RevocationBody) =>
    send("revocationSchema", "POST", `/v1/batches/${batchId}/revocations`, body),
  /** A stored file's bytes, with its name. */
  artifact: async (batchId: number, kind: ArtifactKind): Promise<StoredFile> =>
    storedFileOf(await send.raw(`/v1/batches/${batchId}/artifacts/${part(kind)}`, { timed: false }), kind),
});
