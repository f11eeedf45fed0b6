import type { AccessWord, ApiKey, ApiRole, CreatedApiKey } from "@inlet/contracts";
import { usageFailure } from "../failure.ts";
import { clock } from "../figures.ts";
import { type GlobalOptions, openSession, type Session } from "../session.ts";
import { type Column, renderTable } from "../table.ts";

const DAY_MS = 86_400_000;

/** Makes a key and shows it, once. */
export async function createKey(
  name: string,
  options: GlobalOptions & { role: ApiRole; client?: string; access?: AccessWord[]; days?: number },
): Promise<void> {
  const session = await openSession(options);
  const { role, client, access, days } = options;
  const created = await session.api.createApiKey({
    name,
    role,
    ...(client === undefined ? {} : { client }),
    ...(access === undefined ? {} : { access }),
    ...(days === undefined ? {} : { expiresAt: inDays(days) }),
  });
  showKey(session, created);
}

/** Gives a key a new secret and shows it, once. */
export async function rotateKey(key: string, options: GlobalOptions & { graceHours: number }): Promise<void> {
  const session = await openSession(options);
  const rotated = await session.api.rotateApiKey(key, { graceHours: options.graceHours });
  const { previousUntil } = rotated;
  const before = previousUntil === null ? "has ended" : `works until ${clock(previousUntil, new Date())}`;
  showKey(session, rotated, `The secret before ${before}.`);
}

/** Changes a key's name or expiry. */
export async function changeKey(
  key: string,
  options: GlobalOptions & { name?: string; days?: number; expiry: boolean },
): Promise<void> {
  const { name, days, expiry } = options;
  if (days !== undefined && !expiry) throw usageFailure("--days and --no-expiry are two things; choose one.");
  const change = {
    ...(name === undefined ? {} : { name }),
    ...(days === undefined ? {} : { expiresAt: inDays(days) }),
    ...(expiry ? {} : { expiresAt: null }),
  };
  if (Object.keys(change).length === 0) {
    throw usageFailure("Nothing to change was given; see `inlet help api-key change`.");
  }
  const { api, out, result } = await openSession(options);
  const changed = await api.changeApiKey(key, change);
  const end = changed.expiresAt === null ? "does not expire" : `expires ${clock(changed.expiresAt, new Date())}`;
  out.line(`API key ${changed.name} (${changed.prefix}) ${end}.`);
  result({ apiKey: changed });
}

/** Lists the keys. */
export async function listKeys(options: GlobalOptions): Promise<void> {
  const { api, out, result } = await openSession(options);
  const apiKeys = await api.apiKeys();
  const now = new Date();
  const columns: Column<ApiKey>[] = [
    { title: "KEY", text: ({ id }) => String(id), align: "right" },
    { title: "PREFIX", text: ({ prefix }) => prefix },
    { title: "NAME", text: ({ name }) => name, flexible: true, paint: (_, cell) => out.paint("bold", cell) },
    { title: "ROLE", text: ({ role }) => role },
    { title: "MAY", text: ({ access }) => (access === null ? "all" : access.join(" ")) },
    { title: "CLIENT", text: ({ client }) => client ?? "" },
    { title: "MADE", text: ({ createdAt }) => clock(createdAt, now) },
    { title: "LAST USED", text: (key) => lastUse(key, now) },
    { title: "STATE", text: (key) => stateOf(key, now), paint: (_, cell) => out.paint("yellow", cell) },
  ];
  for (const line of renderTable(apiKeys, columns, out)) out.line(line);
  result({ apiKeys });
}

/** Ends a key. */
export async function revokeKey(key: string, options: GlobalOptions): Promise<void> {
  const { api, out, result } = await openSession(options);
  const revoked = await api.revokeApiKey(key);
  out.line(`API key ${revoked.name} (${revoked.prefix}) is revoked.`);
  result({ apiKey: revoked });
}

function showKey({ out, result }: Session, key: CreatedApiKey, more?: string): void {
  const whose = key.client === null ? "" : ` of ${key.client}`;
  const narrowed = key.access === null ? "" : `, may ${key.access.join(", ")} alone`;
  const end = key.expiresAt === null ? "" : `, expires ${clock(key.expiresAt, new Date())}`;
  out.line(`API key ${out.paint("bold", key.name)} (${key.role}${whose}${narrowed}${end}):`);
  out.line(`  ${key.key}`);
  if (more !== undefined) out.line(more);
  out.line(out.paint("yellow", "Keep it now; it is not shown again."));
  result({ apiKey: key });
}

function lastUse({ lastUsedAt, lastUsedFrom }: ApiKey, now: Date): string {
  if (lastUsedAt === null) return "never";
  return lastUsedFrom === null ? clock(lastUsedAt, now) : `${clock(lastUsedAt, now)} from ${lastUsedFrom}`;
}

function stateOf({ revokedAt, expiresAt }: ApiKey, now: Date): string {
  if (revokedAt !== null) return `revoked ${clock(revokedAt, now)}`;
  if (expiresAt === null) return "";
  return `${new Date(expiresAt) <= now ? "expired" : "expires"} ${clock(expiresAt, now)}`;
}

const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();
