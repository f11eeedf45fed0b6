import type { BatchStatus } from "@inlet/contracts";
import { BATCH_STATUS_WORDS } from "@inlet/contracts/batch-words";

/** Which batches are shown, as the page's address says it: the query of `GET /v1/batches`. Lists have commas. */
export interface Filters {
  text?: string;
  status?: string;
  client?: string;
  project?: string;
  table?: string;
  source?: string;
  rehearsal?: string;
  findings?: string;
  run?: string;
  from?: string;
  to?: string;
}

const NAMES = [
  "text",
  "status",
  "client",
  "project",
  "table",
  "source",
  "rehearsal",
  "findings",
  "run",
  "from",
  "to",
] as const satisfies readonly (keyof Filters)[];

/** The filters in an address. What is not one is left out. */
export function readFilters(search: Record<string, unknown>): Filters {
  const filters: Filters = {};
  for (const name of NAMES) {
    const value = search[name];
    if (typeof value === "string" && value !== "") filters[name] = value;
  }
  return filters;
}

/** Statuses that are asked for together, as people think of them. */
export const STATUS_GROUPS: readonly { label: string; statuses: readonly BatchStatus[] }[] = [
  { label: "To look at", statuses: ["failed", "rejected", "partial"] },
  { label: "Under way", statuses: ["received", "running"] },
  { label: "Done", statuses: ["completed", "unpacked"] },
];

const isStatus = (word: string): word is BatchStatus => word in BATCH_STATUS_WORDS;

/** The statuses of a filter. */
export const statusesOf = (filters: Filters): BatchStatus[] => (filters.status ?? "").split(",").filter(isStatus);

/** What the API is asked. */
export function conditionsOf(filters: Filters) {
  const { status: _, source, run, rehearsal, findings, ...rest } = filters;
  const statuses = statusesOf(filters);
  return {
    ...rest,
    ...(statuses.length > 0 && { status: statuses }),
    ...(source !== undefined && { source: source.split(",") }),
    ...(run !== undefined && { run: Number(run) }),
    ...(rehearsal !== undefined && { rehearsal: rehearsal === "true" }),
    ...(findings !== undefined && { findings: findings === "true" }),
  };
}

/** The filters as a saved view keeps them. */
export function filtersText(filters: Filters): string {
  return new URLSearchParams(Object.entries(filters).filter(([, value]) => value !== undefined)).toString();
}

/** Whether any filter is set. */
export const isFiltered = (filters: Filters): boolean => Object.values(filters).some((value) => value !== undefined);
