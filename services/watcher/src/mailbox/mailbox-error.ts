import { AppError, type Mailbox, Misconfigured, Unavailable } from "@inlet/contracts";
import type { ImapFlowError } from "imapflow";

/** As `imaps://mail.example.com:993`. */
export const nameOf = ({ host, port, tls }: Pick<Mailbox, "host" | "port" | "tls">): string =>
  `${protocolOf(tls)}://${host}:${port}`;

/** What is spoken there. */
export const protocolOf = (tls: Mailbox["tls"]): string => (tls === "implicit" ? "imaps" : "imap");

/** Of OpenSSL (X509_V_ERR) and Node, for certificates that do not prove who the server is. */
const CERTIFICATE = /CERT|_SIGNATURE|_ISSUER|SELF_SIGNED|HOSTNAME_MISMATCH|CRL/;
/** What a server refuses a login with that may go through later (RFC 5530, 3). */
const LATER = ["UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG"];

/** What a server says goes into rows and logs: one line, and no more than one reads. */
const brief = (text: string) =>
  text
    .replace(/[\p{Cc}\p{Cs}]+/gu, " ")
    .trim()
    .slice(0, 300);

/** A fault of a session with a mailbox's server: what a person must change, or what may pass. */
export function mailboxError(mailbox: Mailbox, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const where = nameOf(mailbox);
  // Of AbortSignal.timeout.
  if (cause instanceof DOMException && cause.name === "TimeoutError") {
    const message = `${where} did not come to an end with a look at ${mailbox.folder} of ${mailbox.username}; it was broken off.`;
    return new Unavailable({ code: "mailbox_unreachable", message, cause });
  }
  const error = (cause instanceof Error ? cause : new Error(String(cause))) as ImapFlowError;
  const words = brief(error.responseText ?? error.message);
  if (error.authenticationFailed && !LATER.includes(error.serverResponseCode ?? "")) {
    return new Misconfigured({
      code: "mailbox_login_refused",
      message: `${where} refused the login of ${mailbox.username}. Check the user name and the secret ${mailbox.secret}.`,
      cause,
    });
  }
  if (typeof error.code === "string" && CERTIFICATE.test(error.code)) {
    return new Misconfigured({
      code: "mailbox_certificate",
      message: `${where} shows a certificate that proves nothing (${error.message}). Nothing was sent. Give the server one of a known authority for the name ${mailbox.host}; or start the watcher with its authority's certificate in NODE_EXTRA_CA_CERTS.`,
      cause,
    });
  }
  if (error.tlsFailed) {
    return new Misconfigured({
      code: "mailbox_tls",
      message: `${where} does not go over to TLS (${error.message}). Nothing was sent. Compare tls and port in the profile with what the server offers.`,
      cause,
    });
  }
  if (error.mailboxMissing) {
    return new Misconfigured({
      code: "mailbox_folder_missing",
      message: `${where}: ${mailbox.username} has no folder ${mailbox.folder}.`,
      cause,
    });
  }
  return new Unavailable({ code: "mailbox_unreachable", message: `${where} cannot be read: ${words}`, cause });
}
