import { AppError } from "@inlet/contracts";
import { isConnectionLoss, isTransient, SQLSTATE, sqlstateOf } from "@inlet/database";
import { needsPerson, passing, refusedItem } from "../../failure.ts";

/** What concerns the row alone: 21 cardinality, 22 data, 23 constraints, 44 check option, P0 what a trigger raises. */
const OF_THE_ROW = /^(21|22|23|44|P0)/;
/** For the moment: a standby that is not the leader yet takes no writes. */
const READ_ONLY = "25006";
/** Node's and OpenSSL's codes for a certificate that cannot be trusted. */
const CERTIFICATE = /^(ERR_TLS_CERT_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/;

export const isOfTheRow = (error: unknown): boolean => OF_THE_ROW.test(sqlstateOf(error) ?? "");

/** What a fault of somebody else's PostgreSQL means, in words that name where it is. */
export function postgresFault(where: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  // Not its `detail`, which shows the whole row.
  const { message = String(error), code } = error as Error & { code?: string };
  const words = { message: `${where}: ${message}.`, cause: error };
  const state = sqlstateOf(error);
  if (isOfTheRow(error)) return refusedItem(words);
  if (CERTIFICATE.test(code ?? "") || /does not support SSL/.test(message)) return untrusted(where, message, error);
  if (isConnectionLoss(error)) return passing(words, "outside_unreachable");
  const mayPass = isTransient(error) || state === SQLSTATE.queryCanceled || state === READ_ONLY;
  if (mayPass || state === undefined) return passing(words);
  return needsPerson(words);
}

const untrusted = (where: string, message: string, cause: unknown) =>
  needsPerson(
    {
      message: `${where}: the connection cannot be trusted: ${message}. If an authority of its own signed the certificate, put that authority's into the profile (tls.ca); otherwise have theirs put right.`,
      cause,
    },
    "outside_certificate",
  );
