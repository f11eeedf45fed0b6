import type { Mailbox } from "@inlet/contracts";
import { type HeaderField, readFromAddress } from "@inlet/mail-intake";

/**
 * The address of a mailbox, where its owner's clients write to: its user name, where that is one; else what the message in it
 * says, first as the server that delivered it wrote it. Undefined where none of them is one plain address.
 */
export function ownAddress(
  { username }: Pick<Mailbox, "username">,
  fields: readonly HeaderField[],
): string | undefined {
  const values = ["delivered-to", "to"].map((wanted) => fields.find(({ name }) => name === wanted)?.value);
  const [found] = [username, ...values].flatMap((value) => (value && readFromAddress(value)) || []);
  return found?.toLowerCase();
}
