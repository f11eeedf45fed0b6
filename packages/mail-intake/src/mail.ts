import type { Reason } from "@inlet/contracts";
import type { HeaderField } from "./header-fields.ts";

/** How much of a message is read, and where its attachments are put. */
export interface MailLimits {
  /** The data folder; attachments are written to {@link MAIL_FOLDER} below it. */
  dataFolder: string;
  /** Of the whole message, as it came. */
  maxBytes: number;
  /** Of the message's header, and of each part's. */
  maxHeaderBytes: number;
  maxAttachments: number;
}

/** Where attachments lie until they are claimed, relative to the data folder. */
export const MAIL_FOLDER = "mail";

/** The limits that a service has when nobody says otherwise. Most mail servers take no more than some 50 MB anyway. */
export const DEFAULT_MAIL_LIMITS = {
  maxBytes: 50_000_000,
  maxHeaderBytes: 128 * 1024,
  maxAttachments: 20,
} as const satisfies Omit<MailLimits, "dataFolder">;

/** An attached file: whole, hashed and synced to disk. */
export interface MailAttachment {
  /** As the client named it, without folders and control characters; null when it has no name. */
  name: string | null;
  contentType: string;
  sizeBytes: number;
  sha256: Buffer;
  /** Its first bytes, enough to tell a container by (`identify` of `@inlet/envelope`). */
  head: Buffer;
  /** Relative to the data folder. */
  location: string;
}

/** A message that was read to its end, or as far as its limits let it. */
export interface ReadMail {
  /** With its angle brackets, as it was written; null when there is none, or none that is one. */
  messageId: string | null;
  /**
   * What it is known by at every delivery: SHA-256 of the Message-ID, or without one of the message's own bytes. Whoever verifies
   * its signature, and finds that it does not cover the Message-ID, puts SHA-256 of the signature's value in its place.
   */
  identity: Buffer;
  /** The one address of the one From field, in lower case; null when it can be read in more than one way. */
  from: string | null;
  subject: string;
  /** The header's fields, topmost first; none when it is malformed. */
  fields: readonly HeaderField[];
  sizeBytes: number;
  /** Empty where there is a fault. */
  attachments: readonly MailAttachment[];
  /** False: nobody looked at more than its header, because nobody takes files from its sender. */
  isWhole: boolean;
  /** Why it could not be read to its end, in words for its sender: `mail_too_large`, `mail_malformed`, `too_many_attachments`. */
  fault: Reason | null;
}

/** Who a message is from, as far as it was proved by DKIM or DMARC. */
export interface Authenticated {
  /** Of the From field. */
  address: string;
  by: "dkim" | "dmarc";
  /** The domain that the proof holds for. */
  domain: string;
}

/** How a message came. */
export interface Delivery {
  via: "smtp" | "imap";
  /** The envelope's sender (MAIL FROM, Return-Path); empty for the null sender, null where nobody knows. */
  envelopeFrom: string | null;
  /** Our addresses that it was sent to; empty where nobody knows. */
  recipients: readonly string[];
  /** Null: nobody proved who it is from. */
  sender: Authenticated | null;
  /** For a mailbox that is one project's own. */
  mailboxProject?: number;
  /** Where it came from: an address of the network, or a mailbox's host. For the audit. */
  peer: string | null;
  /** What was found of the sender's proof, for the audit. */
  found?: Readonly<Record<string, unknown>>;
}

/** What became of a message. All but `accepted` leave none of its attachments behind. */
export type Outcome =
  /** Every file in it is an arrival, committed and published. */
  | { outcome: "accepted"; arrivalIds: readonly number[] }
  /** It came before, and was dealt with then. */
  | { outcome: "repeated" }
  /**
   * No file was taken from it. `answered`: its sender is known and proved, and gets an e-mail that says why; a stranger gets
   * none, nor does a known sender who has got many lately.
   */
  | { outcome: "refused"; code: string; message: string; answered: boolean }
  /** Mail that no person sent: it is never answered, so that two machines do not write to each other for ever. */
  | { outcome: "ignored"; why: string };
