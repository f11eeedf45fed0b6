import type { ApiKey, ApiRole } from "@inlet/contracts";
import { clock } from "../figures.ts";
import { type GlobalOptions, openSession } from "../session.ts";
import { type Column, renderTable } from "../table.ts";

/** Makes a key and shows it, once. */
export async function createKey(
  name: string,
  options: GlobalOptions & { role: ApiRole; client?: string },
): Promise<void> {
  const { api, out, result } = await openSession(options);
  const { role, client } = options;
  const created = await api.createApiKey({ name, role, ...(client === undefined ? {} : { client }) });
  const whose = created.client === null ? "" : ` of ${created.client}`;
  out.line(`API key ${out.paint("bold", created.name)} (${created.role}${whose}):`);
  out.line(`  ${created.key}`);
  out.line(out.paint("yellow", "Keep it now; it is not shown again."));
  result({ apiKey: created });
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
    { title: "CLIENT", text: ({ client }) => client ?? "" },
    { title: "MADE", text: ({ createdAt }) => clock(createdAt, now) },
    { title: "LAST USED", text: ({ lastUsedAt }) => (lastUsedAt === null ? "never" : clock(lastUsedAt, now)) },
    {
      title: "REVOKED",
      text: ({ revokedAt }) => (revokedAt === null ? "" : clock(revokedAt, now)),
      paint: (_, cell) => out.paint("yellow", cell),
    },
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
