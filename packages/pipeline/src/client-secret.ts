import { Misconfigured } from "@inlet/contracts";
import { type Executor, findSecret } from "@inlet/database";
import { unseal } from "@inlet/runtime";

/**
 * Opens a client's secret.
 * @param key the key-encryption key
 * @throws Misconfigured `secret_missing`
 */
export async function readClientSecret(
  executor: Executor,
  key: Buffer,
  { clientId, client, name }: { clientId: number; client: string; name: string },
): Promise<Buffer> {
  const sealed = await findSecret(executor, { clientId, name });
  if (sealed === undefined) {
    throw new Misconfigured({
      code: "secret_missing",
      message: `Client ${client} has no secret named ${name}. Store it, then try again.`,
    });
  }
  return unseal(key, sealed, `secret:${clientId}`);
}
