import { profileSchema } from "@inlet/contracts";
import { applyProfile, putArtifacts, transaction } from "@inlet/database";
import { newToken } from "../identity/session-token.ts";
import { buildProfile, givenBatch, givenProject, type TestHub } from "./hub.ts";
import { buildStoryboard, givenAsset } from "./storyboards.ts";

/** The things of one client, by which the addresses of routes are made. */
export interface Side {
  client: string;
  project: string;
  batch: number;
  run: number;
  arrival: number;
  pull: number;
  draft: number;
  /** A file that storyboards show, and the SHA-256 of what it became. */
  asset: number;
  assetFile: string;
  message: number;
  account: string;
  fingerprint: string;
  subscription: number;
  /** An item that its subscription did not take. */
  letter: number;
  webhook: number;
  delivery: number;
  user: number;
  apiKey: string;
  /** An order to forget a recipient, by value: a preview that waits for a word. */
  forgetting: number;
}

/** Things that nobody has: what an address of another client's has to look like. */
export const NOWHERE: Side = {
  client: "nobody",
  project: "video",
  batch: 987_654_321,
  run: 987_654_321,
  arrival: 987_654_321,
  pull: 987_654_321,
  draft: 987_654_321,
  asset: 987_654_321,
  assetFile: "0".repeat(64),
  message: 987_654_321,
  account: "nobody",
  fingerprint: "0".repeat(40),
  subscription: 987_654_321,
  letter: 987_654_321,
  webhook: 987_654_321,
  delivery: 987_654_321,
  user: 987_654_321,
  apiKey: "987654321",
  forgetting: 987_654_321,
};

/** Makes one of everything for a client. The client's name is in each, so that it is seen where it does not belong. */
export async function givenSide(hub: TestHub, client: string): Promise<Side> {
  const admin = await hub.as("admin");
  const ask = async (url: string, payload: object) => {
    const response = await hub.app.inject({ method: "POST", url, headers: admin, payload });
    if (response.statusCode >= 300) throw new Error(`POST ${url}: ${response.body}`);
    return response.json();
  };
  const project = "video";
  const ids = await givenProject(hub.database, client, project);
  const { batchId, runId } = await givenBatch(hub.database, ids, `${client}.csv`);
  const stored = await hub.blobs.put(`${client}/${batchId}/result`, Buffer.from("x"));
  const artifact = { kind: "result" as const, name: `${client}.csv`, blobKey: stored.key };
  await putArtifacts(hub.database, {
    batchId,
    artifacts: [{ ...artifact, sizeBytes: stored.sizeBytes, sha256: stored.sha256 }],
  });
  const arrivals = await hub.sql<{ id: number }>`
    INSERT INTO inlet.arrivals (source, project_id, path, file_name, generation, size_bytes, location)
    VALUES ('upload', ${ids.projectId}, ${client}, ${client}, 1, 1, ${`uploads/${client}`}) RETURNING id`;
  const at = `/v1/clients/${client}/projects/${project}`;
  await givenCatalog(hub, client);
  const storyboard = buildStoryboard({ title: client });
  const save = { document: storyboard, revision: 0 };
  const saved = await hub.app.inject({ method: "PUT", url: `${at}/storyboard/draft`, headers: admin, payload: save });
  if (saved.statusCode !== 200) throw new Error(saved.body);
  await ask(`${at}/storyboard/publish`, { revision: 1 });
  const webhook = await givenWebhook(hub, client);
  const delivery = (await ask(`/v1/webhooks/${webhook}/ping`, {})).id;
  const { fingerprint } = await ask(`${at}/keys`, { name: client });
  const subscription = await givenSubscription(hub, client);
  const account = `${client}_gateway`;
  await ask("/v1/accounts", { client, username: account, publicKeys: [PUBLIC_KEY] });
  return {
    client,
    project,
    batch: batchId,
    run: runId,
    arrival: arrivals[0]!.id,
    pull: await givenPull(hub, client),
    draft: await givenDraft(hub, client),
    ...(await givenAsset(hub, client)),
    message: await givenDeadLetter(hub, { client, batch: batchId }),
    account,
    fingerprint,
    subscription,
    letter: await givenLetter(hub, { client, subscription }),
    webhook,
    delivery,
    forgetting: await givenForgetting(hub, client),
    user: await givenUser(hub, client),
    apiKey: (await ask("/v1/api-keys", { name: client, role: "viewer", client })).prefix,
  };
}

/** A login's key; nobody has its other half. */
export const PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIOcHnS8xg+0hvZm0W3lIfTNaqDQ1YQfxn5lYSqJxSTV";

let made = 0;

/** A draft of the client's whose content has not come yet. */
export async function givenDraft(hub: TestHub, client: string): Promise<number> {
  const rows = await hub.sql<{ id: number }>`
    INSERT INTO inlet.drafts (owner, created_by, client_id, project_id, client, project, table_name, table_chosen, file_name,
      size_bytes)
    SELECT 'key:0', ${client}, c.id, p.id, c.slug, p.slug, 'contacts', true, ${`${client}.csv`}, 1000
    FROM inlet.clients c JOIN inlet.projects p ON p.client_id = c.id WHERE c.slug = ${client} LIMIT 1 RETURNING id`;
  return rows[0]!.id;
}

/** A pull of the client's that nobody has taken up yet. */
async function givenPull(hub: TestHub, client: string): Promise<number> {
  const rows = await hub.sql<{ id: number }>`
    INSERT INTO inlet.pulls (client_id, project_id, profile_version, table_name, purpose, rehearsal, in_full, monitored,
      triggered_by, actor, system_key)
    SELECT c.id, p.id, p.profile_version, 'contacts', 'probe', false, true, true, 'person', ${client}, ${client}
    FROM inlet.clients c JOIN inlet.projects p ON p.client_id = c.id WHERE c.slug = ${client} LIMIT 1 RETURNING id`;
  return rows[0]!.id;
}

/** A project of the client's with a catalog of one item, whose profile no request of the matrix replaces. */
async function givenCatalog(hub: TestHub, client: string): Promise<void> {
  const project = "shop";
  const { tables, ...profile } = buildProfile({ client, project });
  const things = { name: "things", mode: "upsert" as const, key: ["id"], columns: [{ name: "id" }, { name: "name" }] };
  const wanted = profileSchema.parse({ ...profile, tables: [...tables, things], catalogs: [{ table: "things" }] });
  await transaction(hub.database, (tx) => applyProfile(tx, { profile: wanted, appliedBy: "test" }));
  const response = await hub.app.inject({
    method: "PUT",
    url: `/v1/clients/${client}/projects/${project}/catalogs/things/items/1`,
    headers: await hub.as("admin"),
    payload: { values: { name: client } },
  });
  if (response.statusCode !== 200) throw new Error(response.body);
}

/** An outside system that the client's contacts are kept in step with. */
export async function givenSubscription(hub: TestHub, client: string): Promise<number> {
  const definition = { name: client, use: "rest", settings: {}, secrets: {}, outward: true, concurrency: 8 };
  const rows = await hub.sql<{ id: number }>`
    WITH catalog AS (
      INSERT INTO inlet.catalogs (project_id, table_name)
      SELECT p.id, 'contacts' FROM inlet.clients c JOIN inlet.projects p ON p.client_id = c.id WHERE c.slug = ${client} LIMIT 1
      RETURNING id, project_id)
    INSERT INTO inlet.subscriptions (catalog_id, project_id, name, use, definition)
    SELECT id, project_id, ${client}, 'rest', ${JSON.stringify(definition)}::jsonb FROM catalog RETURNING id`;
  return rows[0]!.id;
}

/** An item that a subscription did not take, and that was given up. */
export async function givenLetter(
  hub: TestHub,
  { client, subscription }: Pick<Side, "client" | "subscription">,
): Promise<number> {
  made += 1;
  const error = { code: "item_refused", message: `${client} refused it.`, retryable: false };
  const rows = await hub.sql<{ id: number }>`
    INSERT INTO inlet.sync_letters (subscription_id, direction, state, key, from_seq, attempts, error)
    VALUES (${subscription}, 'out', 'dead', ${`${client}-${made}`}, 1, 8, ${JSON.stringify(error)}::jsonb) RETURNING id`;
  return rows[0]!.id;
}

/** A preview of an order to forget a recipient, which can be dropped. */
export async function givenForgetting(hub: TestHub, client: string): Promise<number> {
  const rows = await hub.sql<{ id: number }>`
    INSERT INTO inlet.forgettings (project_id, column_name, value, preview, actor, state, search_until, found_at)
    SELECT p.id, ${client}, ${client}, true, ${client}, 'found', 0, now()
    FROM inlet.clients c JOIN inlet.projects p ON p.client_id = c.id
    WHERE c.slug = ${client} AND p.slug = 'video' RETURNING id`;
  return rows[0]!.id;
}

/** A user of the client's, who can be removed. */
export async function givenUser(hub: TestHub, client: string): Promise<number> {
  made += 1;
  const rows = await hub.sql<{ id: number }>`
    INSERT INTO inlet.users (login, name, role, client_id, invitation_sha256, invitation_until)
    SELECT ${`made.${made}@${client}.example`}, ${client}, 'viewer', id, ${newToken().sha256}, now() + interval '1 hour'
    FROM inlet.clients WHERE slug = ${client} RETURNING id`;
  return rows[0]!.id;
}

/** A webhook of the client's, which can be removed. */
export async function givenWebhook(hub: TestHub, client: string): Promise<number> {
  const rows = await hub.sql<{ id: number }>`
    INSERT INTO inlet.webhooks (client_id, url, description, events, enabled)
    SELECT id, ${`https://${client}.example/inlet`}, ${client}, ARRAY['batch.completed'], true
    FROM inlet.clients WHERE slug = ${client} RETURNING id`;
  return rows[0]!.id;
}

/** An e-mail of the client's that could not be sent. */
export async function givenDeadLetter(
  hub: TestHub,
  { client, batch }: Pick<Side, "client" | "batch">,
): Promise<number> {
  made += 1;
  const rows = await hub.sql<{ id: number }>`
    INSERT INTO inlet.messages (key, kind, project_id, batch_id, recipient, payload, state, finished_at)
    SELECT ${`side:${client}:${made}`}, 'email', project_id, id, ${`files@${client}.example`}, '{}', 'failed', now()
    FROM inlet.batches WHERE id = ${batch} RETURNING id`;
  return rows[0]!.id;
}
