import { createHash } from "node:crypto";
import { InvalidInput, type MessagePayload, type StoredFile } from "@inlet/contracts";
import { z } from "zod";
import { answeredId } from "./answered.ts";
import { wordMessage } from "./word-message.ts";

/** Who a mail is from, as its reader sees it and as the server is told. */
export interface Sender {
  name: string;
  address: string;
}

/** A mail, complete: the same message makes the same bytes, on every attempt and on every machine. */
export interface Mail {
  from: Sender;
  to: string;
  messageId: string;
  /** What the mails of one conversation have in common: those about one run, or the one that is answered. */
  threadId: string;
  inReplyTo: string | undefined;
  /** Where an answer goes, when not to the sender. */
  replyTo: string | undefined;
  /** An answer to a mail, or something that nobody asked for (RFC 3834, 5). */
  autoSubmitted: "auto-generated" | "auto-replied";
  date: Date;
  /** The MIME parts' border. */
  boundary: string;
  subject: string;
  text: string;
  html: string;
  attached: readonly StoredFile[];
}

/** One message of the outbox, as far as its mail depends on it. */
export interface MailSource {
  key: string;
  recipient: string;
  payload: MessagePayload;
  createdAt: Date;
}

/** `localhost` and names of machines within a network count as domains here. */
const addressSchema = z.email({ pattern: z.regexes.html5Email });

/**
 * Makes a message's mail.
 * @throws InvalidInput when the recipient is no address; nothing of it reaches a header then
 */
export function composeMail(source: MailSource, from: Sender, consoleUrl?: string): Mail {
  const to = addressSchema.safeParse(source.recipient);
  if (!to.success) {
    throw new InvalidInput({
      code: "recipient_invalid",
      message: `${JSON.stringify(source.recipient)} is no e-mail address. ${
        "answered" in source.payload
          ? "Its e-mail is not answered; tell its sender."
          : "Correct notify.recipients in the profile."
      }`,
    });
  }
  const domain = from.address.slice(from.address.lastIndexOf("@") + 1);
  const identity = digest("message", source.key, source.createdAt.toISOString());
  const { payload } = source;
  const mailed = "answered" in payload ? payload.answered : undefined;
  const answered = mailed && answeredId(mailed.messageId);
  // Who answers our answer means the address that takes files; we send from one that may not.
  const replyTo = addressSchema.safeParse(mailed?.to).data;
  const threadId = answered ?? `<thread.${threadOf(source.payload)}@${domain}>`;
  const again = source.payload.event === "completed" && source.payload.revision > 1;
  return {
    from,
    to: to.data,
    messageId: `<${identity}@${domain}>`,
    threadId,
    inReplyTo: again ? threadId : answered,
    replyTo,
    autoSubmitted: mailed ? "auto-replied" : "auto-generated",
    date: source.createdAt,
    boundary: digest("boundary", identity),
    attached: [],
    ...wordMessage(source.payload, consoleUrl),
  };
}

/**
 * What the mails about one matter have in common. Of a run it is its first batch, which stays the first when more come. It is
 * named as the mail that they all refer to; that this mail does not exist is no matter (RFC 5256 threads by such names too).
 */
function threadOf(payload: MessagePayload): string {
  return digest("thread", payload.client, payload.project, matterOf(payload));
}

function matterOf(payload: MessagePayload): string {
  switch (payload.event) {
    case "completed": {
      const first = Math.min(...payload.batches.map(({ batchId }) => batchId));
      return Number.isFinite(first) ? `batch ${first}` : `run ${payload.run}`;
    }
    case "received":
    case "started":
      return `batch ${payload.batchId}`;
    case "reply":
      return `reply ${payload.batch.batchId}`;
    case "mail_refused":
      return `refusal ${payload.at}`;
    case "key_expires":
      return `key ${payload.fingerprint}`;
    case "run_overdue":
      return `run ${payload.run}`;
    case "webhook_disabled":
      return `webhook ${payload.webhookId}`;
    case "subscription_failing":
      return `subscription ${payload.subscriptionId}`;
  }
}

/** 160 bits are plenty for a name that only has to be unique. */
function digest(...parts: string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 40);
}
