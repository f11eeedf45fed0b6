import type { Writable } from "node:stream";
import { from } from "pg-copy-streams";
import type { Tx } from "./connection.ts";

/** A COPY under way: write the rows, `end()`, await `finish`; then `rowCount` says how many the server took. */
export type CopyStream = Writable & { readonly rowCount: number };

/**
 * Starts `COPY … FROM STDIN` on the transaction's own connection. `destroy()` sends CopyFail. Write chunks of 64 KB and
 * more: each is two writes on the socket.
 */
export function copyFrom(tx: Tx, statement: string): CopyStream {
  return tx.client.query(from(statement)) as unknown as CopyStream;
}
