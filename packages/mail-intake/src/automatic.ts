import type { Delivery, ReadMail } from "./mail.ts";
import { valuesOf } from "./mail-facts.ts";

/**
 * Why a message is taken for one that no person, and no system of a client's on its own account, has sent: bounces, notes of
 * absence, mailing lists, our own mail come back (RFC 3834, 2; RFC 5321, 4.5.5; RFC 2919). Undefined for all others.
 * @param ownDomain that the hub's mail is sent from. People of that domain may send files, too: our Message-IDs are told by their
 *   form, 40 hexadecimal digits
 */
export function whyAutomatic(
  { fields, messageId }: Pick<ReadMail, "fields" | "messageId">,
  { envelopeFrom }: Pick<Delivery, "envelopeFrom">,
  ownDomain: string | undefined,
): string | undefined {
  const first = (name: string) => valuesOf(fields, name)[0]?.toLowerCase();
  const returnPath = envelopeFrom ?? first("return-path");
  if (returnPath === "" || returnPath === "<>") return "null return path";
  // A parameter may follow (RFC 3834, 5).
  const submitted = first("auto-submitted")?.split(/[;\s(]/)[0];
  if (submitted !== undefined && submitted !== "no") return `Auto-Submitted: ${submitted}`;
  const precedence = first("precedence");
  if (precedence !== undefined && /^(bulk|list|junk|auto_reply)\b/.test(precedence)) return `Precedence: ${precedence}`;
  // Not List-Unsubscribe: mail services add it to what single customers send through them.
  for (const name of ["list-id", "list-post", "x-autoreply", "x-autorespond"]) {
    if (first(name) !== undefined) return name;
  }
  if (/^multipart\/report\b/.test(first("content-type") ?? "")) return "a report";
  const [, ownForm] = /^<[0-9a-f]{40}@(.+)>$/.exec(messageId ?? "") ?? [];
  if (ownForm !== undefined && ownForm.toLowerCase() === ownDomain?.toLowerCase()) return "our own mail";
  return undefined;
}
