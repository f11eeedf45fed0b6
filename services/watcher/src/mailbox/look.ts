import { type AppError, type Mailbox, Misconfigured } from "@inlet/contracts";
import {
  beginMailMessage,
  finishMailMessage,
  type LiveProject,
  type MailFolder,
  putBackMailMessage,
  readMailFolder,
  recordAudit,
} from "@inlet/database";
import {
  acceptMail,
  type MailIntake,
  type MailLimits,
  mailTooLarge,
  type Outcome,
  type ReadMail,
  readMail,
} from "@inlet/mail-intake";
import { readClientSecret } from "@inlet/pipeline";
import type { RemoteNetwork } from "@inlet/remote-network";
import { failpoint } from "@inlet/runtime";
import { faultOf } from "../looks.ts";
import { judgeSender, type SenderVerdict } from "./judge-sender.ts";
import { type MailHead, type MailSession, openMailSession } from "./mail-session.ts";
import { nameOf } from "./mailbox-error.ts";
import { ownAddress } from "./own-address.ts";

/** What looking at mailboxes needs. */
export interface MailboxParts extends MailIntake {
  keyEncryptionKey: Buffer;
  network: RemoteNetwork;
  limits: MailLimits;
  /** A look that has lasted so long leaves its place to other mailboxes, after the message that it is at. */
  turnMs: number;
}

/** A look that went through. `problems` concern single messages. */
export interface MailboxLook {
  handled: number;
  /** There are more messages: its turn was over. */
  hasMore: boolean;
  problems: AppError[];
}

/** No look lasts longer: for a message as large as any, at 30 KB/s. */
const LONGEST_LOOK_MS = 30 * 60_000;

/** A message that breaks us so often, although nothing else is wrong, is left to a person. */
const MOST_ATTEMPTS = 5;
/**
 * One that its server does not give out so often, although it lets us in and lists it, too: else it would hold up all that came
 * after it for ever. Not sooner, as it may be all messages: at the pauses after failures these are some hours.
 */
const MOST_BREAKS = 50;

/**
 * Looks at a project's mailbox once: hands each message that was not there before to the intake, in their order. What was
 * taken from it is committed first; then the message is marked, then it is done with. A crash in between repeats it, and the
 * intake knows it.
 */
export async function lookAtMailbox(
  parts: MailboxParts,
  project: LiveProject,
  mailbox: Mailbox,
  signal: AbortSignal,
): Promise<MailboxLook> {
  const { database, keyEncryptionKey, network } = parts;
  const { projectId } = project;
  const secret = await readClientSecret(database, keyEncryptionKey, { ...project, name: mailbox.secret });
  // A line end comes from the editor or the shell that the secret was typed into.
  const password = secret.toString("utf8").replace(/\r?\n$/, "");
  const ends = AbortSignal.any([signal, AbortSignal.timeout(parts.turnMs + LONGEST_LOOK_MS)]);
  const session = await openMailSession(mailbox, password, { network, signal: ends });
  const look: MailboxLook = { handled: 0, hasMore: false, problems: [] };
  const turnEndsAt = performance.now() + parts.turnMs;
  try {
    const folder: MailFolder = { projectId, folder: folderName(mailbox), uidValidity: session.uidValidity };
    const { doneUid } = await readMailFolder(database, folder);
    for (const uid of await session.newerThan(doneUid)) {
      signal.throwIfAborted();
      if (look.handled > 0 && performance.now() >= turnEndsAt) return { ...look, hasMore: true };
      const { attempts, breaks } = await beginMailMessage(database, { projectId, uid });
      if (attempts > MOST_ATTEMPTS || breaks >= MOST_BREAKS) {
        look.problems.push(await giveUp(parts, project, mailbox, uid, Math.max(attempts - 1, breaks)));
      } else {
        await attempt(parts, project, signal, uid, () => handle(parts, project, mailbox, session, uid));
        look.handled += 1;
      }
      await finishMailMessage(database, { ...folder, uid });
    }
    return look;
  } finally {
    await session.close();
  }
}

/** Which folder of which account: where one of them changes, UIDs name other messages. */
const folderName = (mailbox: Mailbox) =>
  `${mailbox.username}@${mailbox.host.toLowerCase()}:${mailbox.port}/${mailbox.folder}`;

/** An attempt that failed because something is away, or we are stopped, does not count against the message. */
async function attempt(
  { database }: MailboxParts,
  { projectId }: LiveProject,
  signal: AbortSignal,
  uid: number,
  work: () => Promise<void>,
): Promise<void> {
  const putBack = (isBreak: boolean) => putBackMailMessage(database, { projectId, uid, isBreak }).catch(() => {});
  try {
    await work();
  } catch (error) {
    let fault: AppError;
    try {
      fault = faultOf(error, signal);
    } catch {
      await putBack(false);
      throw error;
    }
    if (fault.retryable) await putBack(fault.code === "mailbox_unreachable");
    throw fault;
  }
}

async function handle(
  parts: MailboxParts,
  { projectId, client, project }: LiveProject,
  mailbox: Mailbox,
  session: MailSession,
  uid: number,
): Promise<void> {
  const head = await session.head(uid);
  // Somebody has removed it.
  if (head === undefined) return;
  const verdict = judge(head, mailbox.trustedServer);
  const mail = await readAsFar(parts.limits, session, uid, head, verdict);
  if (mail === undefined) return;
  const address = ownAddress(mailbox, mail.fields);
  const outcome = await acceptMail(parts, mail, {
    via: "imap",
    // The last server wrote it down as Return-Path; the intake looks there.
    envelopeFrom: null,
    recipients: address === undefined ? [] : [address],
    // Whoever is proved and whoever is listened to must be one.
    sender: verdict.authenticated && mail.from === verdict.address.toLowerCase() ? verdict : null,
    mailboxProject: projectId,
    peer: mailbox.host,
    found: { ...verdict, trustedServer: mailbox.trustedServer, projectId, uid, uidValidity: session.uidValidity },
  });
  failpoint("watcher.mail-accepted");
  parts.logger.debug({ client, project, uid, outcome: outcome.outcome }, "message of a mailbox handled");
  const flags = flagsFor(outcome);
  if (flags.length === 0 || (await session.mark(uid, flags))) return;
  parts.logger.warn({ client, project, uid, host: mailbox.host }, "the mailbox does not let its messages be marked");
}

function judge({ header, isHeaderWhole }: MailHead, trustedServer: string): SenderVerdict {
  if (isHeaderWhole) return judgeSender(header, trustedServer);
  return { authenticated: false, address: null, code: "header_too_long", message: "The message's header is too long." };
}

/** Of a stranger's message, or one that is too large, no more than the header. */
async function readAsFar(
  limits: MailLimits,
  session: MailSession,
  uid: number,
  { header, sizeBytes }: MailHead,
  { authenticated }: SenderVerdict,
): Promise<ReadMail | undefined> {
  if (authenticated && sizeBytes <= limits.maxBytes) {
    const raw = await session.read(uid, limits.maxBytes + 1);
    return raw && (await readMail(raw, limits));
  }
  const mail = await readMail(only(header), limits);
  return { ...mail, sizeBytes, fault: authenticated ? mailTooLarge(limits.maxBytes) : mail.fault };
}

async function* only(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/**
 * Nothing is moved or removed: the mailbox is its owner's. What was taken or answered is marked as read; a stranger's
 * message stays unread, for whoever looks after the mailbox.
 */
function flagsFor(outcome: Outcome): string[] {
  switch (outcome.outcome) {
    case "accepted":
    case "repeated":
      return ["\\Seen", "$InletDone"];
    case "refused":
      return outcome.answered ? ["\\Seen", "$InletDone", "$InletRefused"] : [];
    case "ignored":
      return [];
  }
}

async function giveUp(
  { database, logger }: MailboxParts,
  { client, project }: LiveProject,
  mailbox: Mailbox,
  uid: number,
  attempts: number,
): Promise<AppError> {
  const problem = new Misconfigured({
    code: "mail_given_up",
    message: `${nameOf(mailbox)}: message ${uid} in ${mailbox.folder} of ${mailbox.username} could not be handled in ${attempts} attempts and was passed over. It lies there, unread. The log says what went wrong; its sender was not told.`,
  });
  logger.error({ client, project, uid, host: mailbox.host }, "a message was given up");
  await recordAudit(database, {
    actor: "watcher",
    address: mailbox.host,
    action: "mail.given_up",
    path: mailbox.folder,
    outcome: problem.code,
    detail: { client, project, uid, message: problem.message },
  });
  return problem;
}
