import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { ApiClient } from "@inlet/client";
import { EXIT } from "./exit-codes.ts";
import { CliFailure } from "./failure.ts";

/** Where the API is and who calls. */
export interface Connection {
  url: string;
  key: string;
}

interface Given {
  url?: string | undefined;
  key?: string | undefined;
}

const CHECKOUT = resolve(import.meta.dirname, "../../..");
/** Where a hub that was started in this checkout says where it is: `npm start`, then the demo. */
const STATE_FOLDERS = [join(CHECKOUT, ".inlet"), join(CHECKOUT, "infra/demo/.inlet")];

/**
 * Finds the hub: what was given, then INLET_URL and INLET_API_KEY, then the hub that runs in this checkout. That hub's
 * admin key goes to that hub alone, never to an address that was given.
 * @throws CliFailure saying what is missing
 */
export async function findConnection(given: Given, env: NodeJS.ProcessEnv): Promise<Connection> {
  const url = given.url ?? (env.INLET_URL || undefined);
  const key = given.key ?? (env.INLET_API_KEY || undefined);
  if (url !== undefined) {
    if (key === undefined)
      throw new CliFailure(EXIT.notAllowed, "key_missing", "No API key: give --key or set INLET_API_KEY.");
    return { url: checkUrl(url), key };
  }
  const folders = env.INLET_STATE ? [resolve(env.INLET_STATE)] : STATE_FOLDERS;
  for (const folder of folders) {
    const local = await readLocalHub(folder);
    if (local !== undefined) return { url: local.url, key: key ?? (await readKey(local.keyFile)) };
  }
  throw new CliFailure(
    EXIT.unreachable,
    "no_hub",
    "No hub runs in this checkout. Start it with `npm start`, or name one: --url and --key, or INLET_URL and INLET_API_KEY.",
  );
}

async function readLocalHub(folder: string): Promise<{ url: string; keyFile: string } | undefined> {
  try {
    const { apiUrl, adminKeyFile } = JSON.parse(await readFile(join(folder, "addresses.json"), "utf8"));
    return { url: String(apiUrl), keyFile: String(adminKeyFile ?? join(folder, "admin-key")) };
  } catch {
    return undefined;
  }
}

async function readKey(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === "ENOENT" ? "is gone" : "may not be read";
    throw new CliFailure(
      EXIT.notAllowed,
      "key_missing",
      `The hub's key file ${file} ${why}: give --key or set INLET_API_KEY.`,
    );
  }
}

function checkUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === "http:" || parsed?.protocol === "https:") return url;
  throw new CliFailure(EXIT.usage, "usage", `${url} is no address such as https://inlet.example.org`);
}

/** Whether a key would go over the network for all to read. */
export function isUnprotected(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "http:" && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

/** Opens a client. It is loaded here and not before: `inlet help` needs none. */
export async function connect(given: Given): Promise<ApiClient> {
  const connection = await findConnection(given, process.env);
  if (isUnprotected(connection.url)) {
    process.stderr.write(`inlet: ${connection.url} is not encrypted; anyone on the way can read the key. Use https.\n`);
  }
  const { openClient } = await import("@inlet/client");
  return openClient(connection);
}
