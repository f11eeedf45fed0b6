import { usageFailure } from "../failure.ts";
import { readNamedFile } from "../named-file.ts";
import { type GlobalOptions, openSession } from "../session.ts";
import { askSecret, readStandardInput } from "../standard-input.ts";

/** Stores a secret. It is never an argument: arguments are seen by other users and kept in the shell's history. */
export async function setSecret(
  client: string,
  name: string,
  options: GlobalOptions & { fromFile?: string },
): Promise<void> {
  const value = await readValue(client, name, options.fromFile);
  if (value === "") throw usageFailure("The secret is empty; nothing was stored.");
  const { api, out, result } = await openSession(options);
  const stored = await api.storeSecret(client, name, value);
  out.line(
    stored.changed ? `Secret ${name} of ${client} is stored.` : `Secret ${name} of ${client} is stored already.`,
  );
  result(stored);
}

async function readValue(client: string, name: string, file: string | undefined): Promise<string> {
  // A private key keeps its last line break; a password that was piped in loses the one that echo adds.
  if (file !== undefined) return (await readNamedFile(file)).toString("utf8");
  if (process.stdin.isTTY) return await askSecret(`${name} of ${client}: `);
  return (await readStandardInput()).replace(/\r?\n$/, "");
}
