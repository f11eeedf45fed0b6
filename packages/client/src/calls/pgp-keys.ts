import type { NewPgpKey, PgpKeyImport, PgpKeyRemoval } from "@inlet/contracts";
import { part, projectPath, queryOf } from "../address.ts";
import { fileNameOf } from "../stored-file.ts";
import type { Send } from "../transport.ts";

export const pgpKeyCalls = (send: Send) => ({
  pgpKeys: (client: string, project: string) => send("pgpKeyListSchema", "GET", `${projectPath(client, project)}/keys`),
  generatePgpKey: (client: string, project: string, key: NewPgpKey = {}) =>
    send("storedPgpKeySchema", "POST", `${projectPath(client, project)}/keys`, key),
  rotatePgpKey: (client: string, project: string, key: NewPgpKey = {}) =>
    send("storedPgpKeySchema", "POST", `${projectPath(client, project)}/keys/rotate`, key),
  importPgpKey: (client: string, project: string, key: PgpKeyImport) =>
    send("storedPgpKeySchema", "POST", `${projectPath(client, project)}/keys/import`, key),
  /** The armoured public key, with the name of its file. */
  async publicPgpKey(
    client: string,
    project: string,
    fingerprint: string,
  ): Promise<{ name: string; publicKey: string }> {
    const response = await send.raw(`${projectPath(client, project)}/keys/${part(fingerprint)}/public`);
    const name = fileNameOf(response.headers.get("content-disposition")) ?? `${fingerprint}.asc`;
    return { name, publicKey: await response.text() };
  },
  removePgpKey: (client: string, project: string, fingerprint: string, removal: PgpKeyRemoval = {}) =>
    send(
      "removedPgpKeySchema",
      "DELETE",
      `${projectPath(client, project)}/keys/${part(fingerprint)}${queryOf(removal)}`,
    ),
});
