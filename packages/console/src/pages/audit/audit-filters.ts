/** Which lines are shown, as the page's address says it: the query of `GET /v1/audit`. */
export interface AuditFilters {
  actor?: string;
  /** Whole, or with a `*` at its end. */
  action?: string;
  path?: string;
  client?: string;
  outcome?: string;
  from?: string;
  to?: string;
}

const NAMES = [
  "actor",
  "action",
  "path",
  "client",
  "outcome",
  "from",
  "to",
] as const satisfies readonly (keyof AuditFilters)[];

/** The filters in an address. What is not one is left out. */
export function readAuditFilters(search: Record<string, unknown>): AuditFilters {
  const filters: AuditFilters = {};
  for (const name of NAMES) {
    const value = search[name];
    if (typeof value === "string" && value !== "") filters[name] = value;
  }
  return filters;
}
