import type { Executor } from "../../connection.ts";

/** A client's secret by name, sealed; undefined when there is none. */
export async function findSecret(
  { query }: Executor,
  { clientId, name }: { clientId: number; name: string },
): Promise<Buffer | undefined> {
  const row = await query
    .selectFrom("secrets")
    .select("sealed")
    .where("client_id", "=", clientId)
    .where("name", "=", name)
    .executeTakeFirst();
  return row?.sealed;
}

/** Stores a client's secret under a name, in place of what was there. */
export async function putSecret(
  { query }: Executor,
  { clientId, name, sealed }: { clientId: number; name: string; sealed: Buffer },
): Promise<void> {
  await query
    .insertInto("secrets")
    .values({ client_id: clientId, name, sealed })
    .onConflict((conflict) => conflict.columns(["client_id", "name"]).doUpdateSet({ sealed, updated_at: new Date() }))
    .execute();
}
