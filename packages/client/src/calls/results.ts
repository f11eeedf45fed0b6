import { type Paging, projectPath, queryOf } from "../address.ts";
import { type StoredFile, storedFileOf } from "../stored-file.ts";
import type { Send } from "../transport.ts";

/** How finely a series is drawn. */
export interface SeriesConditions {
  unit?: "hour" | "day" | undefined;
  timezone?: string | undefined;
}

export interface ResultConditions extends SeriesConditions {
  from?: string | undefined;
  to?: string | undefined;
}

const recipientsPath = (batchId: number) => `/v1/batches/${batchId}/results/recipients`;
const eventsPath = (batchId: number) => `/v1/batches/${batchId}/results/events`;

export const resultCalls = (send: Send) => ({
  /** What came of a project's links in a time. */
  projectResults: (client: string, project: string, conditions: ResultConditions = {}) =>
    send("projectResultsSchema", "GET", `${projectPath(client, project)}/results${queryOf(conditions)}`),
  /** What came of a batch's links. */
  batchResults: (batchId: number, conditions: SeriesConditions = {}) =>
    send("batchResultsSchema", "GET", `/v1/batches/${batchId}/results${queryOf(conditions)}`),
  /** The recipients who did something, in the order of the file. */
  recipientResults: (batchId: number, paging: Paging = {}) =>
    send("recipientResultsPageSchema", "GET", `${recipientsPath(batchId)}${queryOf(paging)}`),
  /** All of them, as CSV. */
  recipientResultsFile: async (batchId: number): Promise<StoredFile> =>
    storedFileOf(
      await send.raw(`${recipientsPath(batchId)}?format=csv`, { timed: false }),
      `results-of-batch-${batchId}.csv`,
    ),
  /** Every event, as CSV. */
  linkEventsFile: async (batchId: number): Promise<StoredFile> =>
    storedFileOf(await send.raw(eventsPath(batchId), { timed: false }), `events-of-batch-${batchId}.csv`),
  /** The addresses of those files, for links. */
  recipientResultsFileUrl: (batchId: number) => `${recipientsPath(batchId)}?format=csv`,
  linkEventsFileUrl: eventsPath,
});
