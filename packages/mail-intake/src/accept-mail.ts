import { link } from "node:fs/promises";
import { join } from "node:path";
import { type MailRefusalMessage, Unavailable } from "@inlet/contracts";
import {
  asUnavailable,
  countRefusedMails,
  type Database,
  type EmailProject,
  emailProjects,
  insertMail,
  insertMailArrival,
  insertMessages,
  isConnectionLoss,
  knownMailFiles,
  lockProjectMail,
  type MessageRef,
  recordAudit,
  sqlstateOf,
  type Tx,
  transaction,
} from "@inlet/database";
import { type Publisher, sentFrom } from "@inlet/pipeline";
import { failpoint, type Logger } from "@inlet/runtime";
import { whyAutomatic } from "./automatic.ts";
import type { Authenticated, Delivery, Outcome, ReadMail } from "./mail.ts";
import { addressFor, type DataFile, type Refused, type Route, routeMail } from "./routing.ts";
import { asDiskFull, newLocation, removeLocations, syncSpool } from "./spool.ts";

/** What taking files from messages needs. */
export interface MailIntake {
  database: Database;
  publisher: Pick<Publisher, "arrivals" | "messages">;
  dataFolder: string;
  logger: Logger;
  /** The domain that the hub's own mail is sent from: what comes back of it is not taken. */
  ownDomain?: string | undefined;
}

/**
 * Takes the files of a message, once however often it is delivered: when this resolves, everything is synced and committed,
 * and the message may be acknowledged to whoever brought it.
 * @throws Unavailable when PostgreSQL or the disk is away: nothing was taken, and the message must come again
 */
export async function acceptMail(intake: MailIntake, mail: ReadMail, delivery: Delivery): Promise<Outcome> {
  let kept: readonly string[] = [];
  try {
    const decided = await decide(intake, mail, delivery);
    kept = decided.kept;
    const { outcome } = decided;
    if (outcome.outcome === "accepted") await intake.publisher.arrivals(outcome.arrivalIds);
    await intake.publisher.messages(decided.messages);
    const { why, code, arrivalIds } = { why: undefined, code: undefined, arrivalIds: undefined, ...outcome };
    intake.logger.info({ via: delivery.via, outcome: outcome.outcome, why, code, arrivalIds }, "an e-mail came");
    return outcome;
  } catch (error) {
    // A COMMIT whose answer got lost may stand: then the arrivals name the files, and the sweep keeps them.
    if (isConnectionLoss(error) || sqlstateOf(error) === undefined)
      kept = mail.attachments.map(({ location }) => location);
    throw asUnavailable(asDiskFull(error));
  } finally {
    const left = mail.attachments.map(({ location }) => location).filter((location) => !kept.includes(location));
    await removeLocations(intake.dataFolder, left);
  }
}

/**
 * Whether a project that a message came to takes files from its sender: else nothing but its header need be read.
 * @param sender as it was proved
 */
export async function isAwaited(
  { database }: Pick<MailIntake, "database">,
  { sender, ...delivery }: Pick<Delivery, "recipients" | "mailboxProject"> & { sender: Authenticated },
): Promise<boolean> {
  const nothing = { attachments: [], fault: null };
  const route = routeMail(await emailProjects(database), nothing, {
    ...delivery,
    sender: sender.address.toLowerCase(),
  });
  return route !== undefined;
}

interface Decided {
  outcome: Outcome;
  /** The files that arrivals name now. */
  kept: readonly string[];
  messages: readonly MessageRef[];
}

async function decide(intake: MailIntake, mail: ReadMail, delivery: Delivery): Promise<Decided> {
  const why = whyAutomatic(mail, delivery, intake.ownDomain);
  if (why !== undefined) return await turnAway(intake, mail, delivery, { outcome: "ignored", why });
  const stranger = (code: string, message: string) =>
    turnAway(intake, mail, delivery, { outcome: "refused", code, message, answered: false });
  const sender = delivery.sender?.address.toLowerCase();
  if (sender === undefined || sender !== mail.from) {
    return await stranger("not_authenticated", "Nobody proved that this e-mail is from the address in its From field.");
  }
  const route = routeMail(await emailProjects(intake.database), mail, { ...delivery, sender });
  if (route === undefined) {
    return await stranger("sender_not_listed", `No project that this e-mail came to takes files from ${sender}.`);
  }
  if (!mail.isWhole) {
    throw new Unavailable({
      code: "profile_changed",
      message: "A project takes files from this sender since a moment ago.",
    });
  }
  return await take(intake, mail, { ...delivery, sender }, route);
}

/** What a stranger or a machine sent leaves a line in the audit, and nothing else. */
async function turnAway(
  { database }: MailIntake,
  mail: ReadMail,
  delivery: Delivery,
  outcome: Extract<Outcome, { outcome: "refused" | "ignored" }>,
): Promise<Decided> {
  await audit(database, mail, delivery, outcome);
  return { outcome, kept: [], messages: [] };
}

/** How a message of a known sender came. */
type KnownDelivery = Omit<Delivery, "sender"> & { sender: string };

async function take(
  intake: MailIntake,
  mail: ReadMail,
  delivery: KnownDelivery,
  { taken, refused }: Route,
): Promise<Decided> {
  const placed = await placeFiles(intake.dataFolder, taken);
  failpoint("mail.spooled");
  const decided = await transaction(intake.database, async (tx): Promise<Decided> => {
    const projects = new Set([...taken, ...refused].map(({ project }) => project));
    for (const { projectId } of [...projects].sort((a, b) => a.projectId - b.projectId)) {
      await lockProjectMail(tx, projectId);
    }
    const arrived: Arrived[] = [];
    for (const one of placed) {
      const arrivalId = await insertFile(tx, mail, delivery, one);
      if (arrivalId !== undefined) arrived.push({ ...one, arrivalId });
    }
    const refusals: Refusal[] = [];
    for (const each of refused) refusals.push(await refuse(tx, mail, delivery, each));
    const outcome = outcomeOf(arrived, refused, refusals);
    await audit(tx, mail, delivery, outcome, arrived);
    const messages = refusals.flatMap((refusal) => refusal.messages);
    return { outcome, kept: arrived.map(({ location }) => location), messages };
  });
  failpoint("mail.committed");
  const left = placed.map(({ location }) => location).filter((location) => !decided.kept.includes(location));
  await removeLocations(intake.dataFolder, left);
  return decided;
}

interface Placed {
  project: EmailProject;
  file: DataFile;
  location: string;
}
type Arrived = Placed & { arrivalId: number };

/** A file that goes to two projects is there twice: each watcher's claim moves one away. */
async function placeFiles(dataFolder: string, taken: Route["taken"]): Promise<Placed[]> {
  const placed: Placed[] = [];
  for (const { project, file } of taken) {
    const isFirst = placed.every((earlier) => earlier.file !== file);
    const location = isFirst ? file.location : newLocation();
    if (!isFirst) await link(join(dataFolder, file.location), join(dataFolder, location));
    placed.push({ project, file, location });
  }
  if (placed.length > 0) await syncSpool(dataFolder);
  return placed;
}

/** Makes a file an arrival. Undefined: it came before. */
async function insertFile(
  tx: Tx,
  mail: ReadMail,
  delivery: KnownDelivery,
  { project, file, location }: Placed,
): Promise<number | undefined> {
  const { projectId } = project;
  const known = await knownMailFiles(tx, { projectId, ...mail });
  const came = known.some(
    ({ attachmentName, attachmentSha256 }) => attachmentName === file.name && attachmentSha256?.equals(file.sha256),
  );
  if (came) return undefined;
  const { name: fileName, sizeBytes, sha256 } = file;
  const arrivalId = await insertMailArrival(tx, { projectId, fileName, sizeBytes, location, sha256 });
  const attachment = { attachmentName: fileName, attachmentSha256: sha256 };
  await insertMail(tx, { ...mailRow(mail, delivery, project), ...attachment, arrivalId, refusalCode: null });
  return arrivalId;
}

const mailRow = (
  { identity, subject, messageId }: ReadMail,
  { via, sender, recipients }: KnownDelivery,
  project: EmailProject,
) => ({
  projectId: project.projectId,
  identity,
  subject,
  messageId,
  via,
  fromAddress: sender,
  toAddress: addressFor(project, recipients),
});

/** So many e-mails of a sender's are answered with a refusal within so long. */
const MOST_REFUSALS = 10;
const REFUSALS_WITHIN_MS = 60 * 60_000;

interface Refusal {
  isNew: boolean;
  messages: readonly MessageRef[];
}

/**
 * Answers why no file was taken, once however often the message comes. Not every machine that answers mail says that it is
 * one (RFC 3834, 2): one that answers our refusals is left without an answer before long, and so the two fall silent.
 */
async function refuse(
  tx: Tx,
  mail: ReadMail,
  delivery: KnownDelivery,
  { project, projectUnclear, reason }: Refused,
): Promise<Refusal> {
  const { projectId, profile, state } = project;
  const known = await knownMailFiles(tx, { projectId, ...mail });
  if (known.some(({ attachmentSha256 }) => attachmentSha256 === null)) return { isNew: false, messages: [] };
  const none = { attachmentName: null, attachmentSha256: null, arrivalId: null };
  const row = mailRow(mail, delivery, project);
  const mailId = await insertMail(tx, { ...row, ...none, refusalCode: reason.code });
  const recently = await countRefusedMails(tx, { ...row, withinMs: REFUSALS_WITHIN_MS });
  if (recently > MOST_REFUSALS) return { isNew: true, messages: [] };
  const payload: MailRefusalMessage = {
    event: "mail_refused",
    ...sentFrom(profile, state === "rehearsal"),
    reason,
    projectUnclear,
    answered: { subject: mail.subject, messageId: mail.messageId, to: row.toAddress },
    at: new Date().toISOString(),
  };
  const message = { key: `mail:${mailId}:refused`, projectId, runId: null, batchId: null, recipient: delivery.sender };
  return { isNew: true, messages: await insertMessages(tx, [{ ...message, payload }]) };
}

function outcomeOf(arrived: readonly Arrived[], refused: Route["refused"], refusals: readonly Refusal[]): Outcome {
  if (arrived.length > 0) return { outcome: "accepted", arrivalIds: arrived.map(({ arrivalId }) => arrivalId) };
  const [first] = refused;
  if (first === undefined || !refusals.some(({ isNew }) => isNew)) return { outcome: "repeated" };
  return { outcome: "refused", ...first.reason, answered: refusals.some(({ messages }) => messages.length > 0) };
}

async function audit(
  executor: Database | Tx,
  mail: ReadMail,
  { via, recipients, envelopeFrom, peer, found }: Omit<Delivery, "sender">,
  outcome: Outcome,
  arrived: readonly Arrived[] = [],
): Promise<void> {
  const { messageId, sizeBytes } = mail;
  const detail = {
    ...outcome,
    via,
    recipients,
    envelopeFrom,
    messageId,
    sizeBytes,
    ...(arrived.length > 0 && {
      files: arrived.map(({ project: { client, project }, file, arrivalId }) => ({
        arrivalId,
        client,
        project,
        name: file.name,
        sizeBytes: file.sizeBytes,
      })),
    }),
    ...(found && { found }),
  };
  await recordAudit(executor, {
    actor: `mail:${mail.from ?? "unknown"}`,
    address: peer,
    action: "mail",
    path: arrived[0]?.file.name ?? null,
    sha256: arrived[0]?.file.sha256 ?? null,
    outcome: outcome.outcome,
    detail,
  });
}
