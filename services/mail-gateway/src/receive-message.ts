import type { Resolver } from "node:dns/promises";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { Unavailable } from "@inlet/contracts";
import { asUnavailable } from "@inlet/database";
import {
  acceptMail,
  type Delivery,
  isAwaited,
  type MailIntake,
  type MailLimits,
  type Outcome,
  type ReadMail,
  readHeaderOnly,
  readMail,
  removeLocations,
  type SpooledFile,
  spoolFile,
  whyAutomatic,
} from "@inlet/mail-intake";
import { type Handover, judgeSender, type Signature, type Verdict } from "./judge-sender.ts";
import { comeAgain, notTaken, SmtpRefusal } from "./refusal.ts";
import type { AssertRoom } from "./room.ts";

/** What taking messages needs. */
export interface ReceiveParts extends MailIntake {
  limits: MailLimits;
  resolver: Resolver;
  hostname: string;
  assertRoom: AssertRoom;
}

/** A message as its sender hands it over. */
export interface HandedOver extends Handover {
  /** Our addresses that it is for. */
  recipients: readonly string[];
}

/** Each costs a look at the body and one at DNS; more than any honest way adds. */
const MOST_SIGNATURES = 10;

/**
 * Takes a message that comes after DATA: to disk, judged, and where its sender is known and proved, taken apart. When this
 * resolves, everything is synced and committed. A stranger's message is never taken apart.
 * @returns what became of it
 * @throws SmtpRefusal what the sender is told
 */
export async function receiveMessage(
  parts: ReceiveParts,
  data: AsyncIterable<Buffer>,
  handedOver: HandedOver,
): Promise<Outcome> {
  const { dataFolder, logger } = parts;
  let spooled: SpooledFile | undefined;
  try {
    spooled = await spoolFile(Readable.from(within(data, parts)), dataFolder);
    const outcome = await judge(parts, spooled, handedOver);
    if (outcome.outcome === "ignored" || (outcome.outcome === "refused" && !outcome.answered)) throw notTaken();
    return outcome;
  } catch (error) {
    if (error instanceof SmtpRefusal) throw error;
    const reason = asUnavailable(error);
    if (reason instanceof Unavailable) logger.warn({ err: reason }, "a message could not be taken now");
    else logger.error({ err: error }, "a message could not be taken");
    throw comeAgain();
  } finally {
    if (spooled) await removeLocations(dataFolder, [spooled.location]);
  }
}

/** So often the room on the disk is looked at: what was found at MAIL others may have taken, who send at the same time. */
const ROOM_LOOK_BYTES = 2 ** 20;

/** What is too much is read and forgotten: the sender listens to no answer before its end. */
async function* within(data: AsyncIterable<Buffer>, { limits, assertRoom }: ReceiveParts): AsyncGenerator<Buffer> {
  let sizeBytes = 0;
  let looksAt = 0;
  let full: unknown;
  for await (const chunk of data) {
    sizeBytes += chunk.length;
    if (full === undefined && sizeBytes >= looksAt) {
      looksAt = sizeBytes + ROOM_LOOK_BYTES;
      full = await assertRoom(ROOM_LOOK_BYTES).catch((error: unknown) => error);
    }
    if (full === undefined && sizeBytes <= limits.maxBytes) yield chunk;
  }
  if (full !== undefined) throw full;
  if (sizeBytes > limits.maxBytes) {
    throw new SmtpRefusal(552, `5.3.4 A message may have at most ${limits.maxBytes} bytes here.`);
  }
}

async function judge(parts: ReceiveParts, spooled: SpooledFile, handedOver: HandedOver): Promise<Outcome> {
  const file = join(parts.dataFolder, spooled.location);
  const header = await readHeader(file, parts.limits.maxHeaderBytes);
  const unread = readHeaderOnly(header, spooled);
  const delivery = deliveryOf(handedOver);
  if (whyAutomatic(unread, delivery, parts.ownDomain) !== undefined) return await acceptMail(parts, unread, delivery);

  const { sender, found, signature } = await verdictOf(parts, unread, file, handedOver);
  if (sender === null || !(await isAwaited(parts, { ...delivery, sender }))) {
    return await acceptMail(parts, unread, { ...delivery, sender, found });
  }
  const mail = await readMail(createReadStream(file), parts.limits);
  return await acceptMail(
    parts,
    { ...mail, identity: provedIdentity(mail, signature) },
    { ...delivery, sender, found },
  );
}

/**
 * What the message is known by: a Message-ID that the signature does not cover can be changed by anybody who has the message, to
 * have it taken once more.
 */
function provedIdentity({ messageId, identity }: ReadMail, signature: Signature | undefined): Buffer {
  if (signature === undefined || (messageId !== null && signature.coversMessageId)) return identity;
  return Buffer.from(signature.id, "hex");
}

const deliveryOf = ({ ip, envelopeFrom, recipients }: HandedOver): Delivery => ({
  via: "smtp",
  envelopeFrom,
  recipients,
  sender: null,
  peer: ip,
});

async function verdictOf(
  { resolver, hostname }: ReceiveParts,
  { from, fields }: ReadMail,
  file: string,
  handover: Handover,
): Promise<Required<Pick<Delivery, "sender" | "found">> & { signature?: Signature | undefined }> {
  if (from === null) return { sender: null, found: { error: "the From field cannot be read in one way alone" } };
  const signatures = fields.filter(({ name }) => name === "dkim-signature").length;
  if (signatures > MOST_SIGNATURES) return { sender: null, found: { error: `${signatures} DKIM signatures` } };
  const verdict: Verdict = await judgeSender(createReadStream(file), { from, handover, resolver, hostname });
  if (verdict.proved) return verdict;
  if (verdict.passing) {
    throw new SmtpRefusal(451, "4.7.5 Who sent this could not be looked up in DNS. Try again later.");
  }
  return { sender: null, found: verdict.found };
}

/**
 * The message's header.
 * @throws SmtpRefusal when it is longer than it may be
 */
async function readHeader(file: string, maxBytes: number): Promise<Buffer> {
  const handle = await open(file, "r");
  try {
    const buffer = Buffer.alloc(maxBytes);
    const { bytesRead } = await handle.read(buffer, 0, maxBytes, 0);
    const head = buffer.subarray(0, bytesRead);
    const ends = head.includes("\r\n\r\n") || head.includes("\n\n");
    if (!ends && bytesRead === maxBytes) {
      throw new SmtpRefusal(552, `5.3.4 A message's header may have at most ${maxBytes} bytes here.`);
    }
    return head;
  } finally {
    await handle.close();
  }
}
