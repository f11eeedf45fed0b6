import { z } from "zod";
import type { Shipment } from "./shipment.ts";

/** An e-mail that went, as its reader finds it. */
export interface SentMail {
  to: string;
  subject: string;
  /** Where it can be read; undefined when another server than the local mailbox took it. */
  url: string | undefined;
}

const mailboxSchema = z.array(
  z.object({
    id: z.string(),
    envelope: z.object({ to: z.array(z.string()) }),
    subject: z.string(),
    messageId: z.string().optional(),
  }),
);

/** How many different messages about these batches went. */
export function countSent(shipments: readonly Shipment[]): number {
  const messages = shipments.flatMap(({ batch }) => batch?.messages ?? []);
  return new Set(messages.filter(({ state }) => state === "sent").map(({ id }) => id)).size;
}

/** The mails that came into the mailbox since it held those of `before`, oldest first. */
export async function newMails(mailboxUrl: string, before: ReadonlySet<string>): Promise<SentMail[]> {
  const mails = await readMailbox(mailboxUrl);
  return mails
    .filter(({ id }) => !before.has(id))
    .reverse()
    .map(({ id, envelope, subject }) => ({ to: envelope.to.join(", "), subject, url: `${mailboxUrl}/#${id}` }));
}

/** The ids of all mails in the mailbox. */
export async function mailIds(mailboxUrl: string | undefined): Promise<Set<string>> {
  if (mailboxUrl === undefined) return new Set();
  return new Set((await readMailbox(mailboxUrl)).map(({ id }) => id));
}

async function readMailbox(mailboxUrl: string) {
  const response = await fetch(`${mailboxUrl}/api/messages`, { signal: AbortSignal.timeout(10_000) });
  return mailboxSchema.parse(await response.json());
}
