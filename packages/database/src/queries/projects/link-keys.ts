import type { Executor } from "../../connection.ts";

/** A client's newest link key, sealed. */
export async function newestLinkKey(
  { query }: Executor,
  clientId: number,
): Promise<{ id: number; sealed: Buffer } | undefined> {
  return await query
    .selectFrom("link_keys")
    .select(["id", "sealed"])
    .where("client_id", "=", clientId)
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
}

/** One link key, sealed, with the client whose id was sealed in. */
export async function linkKey(
  { query }: Executor,
  id: number,
): Promise<{ clientId: number; sealed: Buffer } | undefined> {
  return await query
    .selectFrom("link_keys")
    .select(["client_id as clientId", "sealed"])
    .where("id", "=", id)
    .executeTakeFirst();
}

/** Adds a client's link key; batches that come from now on pin it. */
export async function insertLinkKey(
  { query }: Executor,
  { clientId, sealed }: { clientId: number; sealed: Buffer },
): Promise<number> {
  const row = await query
    .insertInto("link_keys")
    .values({ client_id: clientId, sealed })
    .returning("id")
    .executeTakeFirstOrThrow();
  return row.id;
}
