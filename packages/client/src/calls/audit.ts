import { type Paging, queryOf } from "../address.ts";
import { type StoredFile, storedFileOf } from "../stored-file.ts";
import type { Send } from "../transport.ts";

/** Which lines of the audit are asked for. */
export interface AuditConditions {
  actor?: string | undefined;
  /** Whole, or with a `*` at its end. */
  action?: string | undefined;
  path?: string | undefined;
  client?: string | undefined;
  outcome?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

export const auditCalls = (send: Send) => ({
  audit: (conditions: AuditConditions & Paging = {}) =>
    send("auditPageSchema", "GET", `/v1/audit${queryOf(conditions)}`),
  /** All lines that fit, as CSV. */
  auditFile: async (conditions: AuditConditions = {}): Promise<StoredFile> =>
    storedFileOf(
      await send.raw(`/v1/audit${queryOf({ ...conditions, format: "csv" })}`, { timed: false }),
      "audit.csv",
    ),
  /** The address of that file, for a link. */
  auditFileUrl: (conditions: AuditConditions = {}) => `/v1/audit${queryOf({ ...conditions, format: "csv" })}`,
});
