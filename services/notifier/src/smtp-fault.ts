import { type AppError, InvalidInput, Unavailable } from "@inlet/contracts";
import { display } from "./display.ts";

/** What nodemailer says about a failed mail. `command` is where in the conversation it failed. */
interface SmtpError extends Error {
  code?: string;
  command?: string;
  response?: string;
  responseCode?: number;
  permanent?: boolean;
}

/** Answers that mean: who are you? (RFC 4954, 6). */
const LOGIN_CODES: ReadonlySet<number> = new Set([530, 534, 535, 538]);

/** To RCPT, RFC 5321 (4.5.3.1.10) wants 552 read as 452: a full mailbox may be emptied. */
const FULL_MAILBOX = 552;

/**
 * Whose fault a failed mail is. Refused for good by its recipient's server, or for what it is: InvalidInput, a dead letter.
 * Everything else (no connection, 4yz, no login, a refused sender, TLS) is true of every mail and may be put right:
 * Unavailable, so that it is tried again, and nothing is lost while somebody sets the server up.
 */
export function smtpFault(error: unknown, { recipient, server }: { recipient: string; server: string }): AppError {
  const fault: SmtpError = error instanceof Error ? error : new Error(String(error));
  const said = saidBy(fault);
  const about = { cause: fault, context: { server, code: fault.code, responseCode: fault.responseCode } };
  const to = display(recipient, 100);
  if (fault.code === "EAUTH" || fault.code === "ENOAUTH" || LOGIN_CODES.has(fault.responseCode ?? 0)) {
    return new Unavailable({
      ...about,
      code: "smtp_login_refused",
      message: `The mail server ${server} does not accept our login: ${said}. Check the name and password in SMTP_URL.`,
    });
  }
  if (fault.code === "ETLS" || isCertificateFault(fault)) {
    return new Unavailable({
      ...about,
      code: "smtp_tls_failed",
      message: `No safe connection to the mail server ${server}: ${said}. Check its certificate, and tls in SMTP_URL.`,
    });
  }
  if (fault.command === "MAIL FROM" && fault.permanent) {
    return new Unavailable({
      ...about,
      code: "sender_refused",
      message: `The mail server ${server} refuses our sender address: ${said}. Check MAIL_FROM.`,
    });
  }
  if (isRecipientRefusal(fault)) {
    return new InvalidInput({
      ...about,
      code: "recipient_refused",
      message: `${to} was refused: ${said}. Correct notify.recipients in the profile; an answer to an e-mail went to its sender.`,
    });
  }
  if (isMailRefusal(fault)) {
    return new InvalidInput({ ...about, code: "mail_refused", message: `The mail to ${to} was refused: ${said}.` });
  }
  return new Unavailable({
    ...about,
    code: "smtp_unavailable",
    message: `The mail server ${server} did not take the mail: ${said}. It is tried again.`,
  });
}

function isRecipientRefusal({ code, command, permanent, responseCode }: SmtpError): boolean {
  if (code !== "EENVELOPE") return false;
  if (command === "API") return true;
  return command === "RCPT TO" && permanent === true && responseCode !== FULL_MAILBOX;
}

/** After DATA; or, without an answer, because the server had said how large a mail may be. */
function isMailRefusal({ code, command, permanent, responseCode }: SmtpError): boolean {
  if (command === "DATA") return permanent === true;
  return code === "EMESSAGE" && responseCode === undefined;
}

/** A handshake that fails is reported as the socket's error; a server's answer is none. */
function isCertificateFault({ code, message, responseCode }: SmtpError): boolean {
  return code === "ESOCKET" && responseCode === undefined && /certificate|altnames|ssl|tls/i.test(message);
}

/** The server's own words, or what went wrong on the way to it. */
function saidBy(fault: SmtpError): string {
  return brief(fault.response || fault.message || "no reason given").replace(/\.+$/, "");
}

/** A server's answer, short enough to keep. */
export function brief(answer: string): string {
  return display(answer, 300);
}
