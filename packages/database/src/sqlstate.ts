/** SQLSTATE codes that Inlet acts on (PostgreSQL manual, appendix A). */
export const SQLSTATE = {
  uniqueViolation: "23505",
  foreignKeyViolation: "23503",
  lockNotAvailable: "55P03",
  serializationFailure: "40001",
  deadlockDetected: "40P01",
  undefinedTable: "42P01",
  diskFull: "53100",
  queryCanceled: "57014",
  transactionTimeout: "25P04",
} as const;

/** Class 08 (connection), 53 (resources, disk full among them) and 57P (shutdown), and what asks for another try. */
const TRANSIENT = /^(08|53|57P|40001|40P01|55P03)/;

/** Node's own codes for a connection that could not be made or broke. */
const CONNECTION_LOSS = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
]);

/** Every SQLSTATE has a digit; the system's own codes, such as EPIPE, have none. */
const SQLSTATE_FORM = /^(?=.*[0-9])[0-9A-Z]{5}$/;

/** The SQLSTATE of an error that PostgreSQL raised, or undefined. */
export function sqlstateOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "string" && SQLSTATE_FORM.test(code) ? code : undefined;
}

export function isTransient(error: unknown): boolean {
  return TRANSIENT.test(sqlstateOf(error) ?? "");
}

export function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  if (typeof code === "string" && CONNECTION_LOSS.has(code)) return true;
  // pg has no codes for these; the words are its own.
  return /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
    error.message,
  );
}
