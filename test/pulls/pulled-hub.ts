import { startServiceLayer } from "@inlet/connectors/testing";
import { type ProfileInput, profileSchema } from "@inlet/contracts";
import { findPull, liveProject, type PullDetailRow, putSecret } from "@inlet/database";
import { openPublisher, requestPull } from "@inlet/pipeline";
import { seal } from "@inlet/runtime";
import { type Hub, openHub, waitFor } from "../fixtures/hub.ts";
import { live, rehearsed } from "../fixtures/reception.ts";

export type Row = Record<string, string | number | boolean | null>;

/** An item as SAP has it. */
export const item = (code: string, more: Row = {}): Row => ({
  ...{ ItemCode: code, ItemName: `Item ${code}`, Price: 10.5 },
  ...{ UpdateDate: "2026-11-20", UpdateTime: "10:20:30", ...more },
});

/** `I001`, `I002`, … */
export const items = (count: number): Row[] =>
  Array.from({ length: count }, (_, at) => item(`I${String(at + 1).padStart(3, "0")}`));

/** Everything from the pull to the e-mail, with short waits. */
export async function openPulledHub() {
  const hub = await openHub({
    services: ["watcher", "puller", "validator", "importer", "notifier"],
    env: { SCHEDULE_MS: "100", WATCH_MS: "250", RETRY_MS: "20" },
    serviceEnv: { puller: { REMOTE_ALLOW: "127.0.0.1", KEEP_MS: "20", REQUEST_RETRY_MS: "5", LEASE_MS: "700" } },
  });
  const publisher = openPublisher(hub.stack.redisUrl, { warn: () => {} });
  return {
    ...hub,
    publisher,
    async stop() {
      await publisher.close();
      await hub.stop();
    },
  };
}
export type PulledHub = Awaited<ReturnType<typeof openPulledHub>>;

export const ITEMS: ProfileInput["tables"][number] = {
  name: "items",
  key: ["code"],
  mode: "replace",
  columns: [
    { name: "code", required: true },
    { name: "name" },
    { name: "price", type: "decimal", precision: 12, scale: 2 },
  ],
};

export const PULLED_ITEMS = {
  ...{ table: "items", resource: "Items", pageSize: 10 },
  fields: { code: "ItemCode", name: "ItemName", price: "Price" },
};

interface PullingClient {
  client: string;
  rows?: readonly Row[];
  state?: "live" | "rehearsal";
  tables?: ProfileInput["tables"];
  pulls?: object[];
  profile?: object;
  schedule?: object;
}

/** A client with a system of its own, whose rows a project pulls. */
export async function openPullingClient(
  hub: PulledHub,
  {
    client,
    rows = items(25),
    state = "live",
    tables = [ITEMS],
    pulls = [PULLED_ITEMS],
    profile,
    schedule,
  }: PullingClient,
) {
  const system = await startServiceLayer({ items: rows, greatestPageSize: 10 });
  const { company, username, url } = system;
  const input = {
    ...{ client, project: "shop", tables, notify: { recipients: [`ops@${client}.example`], on: [] } },
    source: {
      ...{ kind: "pull", pulls, ...(schedule && { schedule }) },
      system: { connector: "sap_business_one", url, company, username, secret: "erp_password" },
    },
    monitoring: { recipients: [`it@${client}.example`, `OPS@${client}.example`] },
    ...profile,
  };
  const parsed = profileSchema.parse(input);
  const project = await (state === "live" ? live : rehearsed)(hub.database, parsed);
  const { clientId, projectId } = project;
  const sealed = seal(Buffer.from(hub.stack.key, "base64"), Buffer.from(system.password), `secret:${clientId}`);
  await putSecret(hub.database, { clientId, name: "erp_password", sealed });
  const order = { projectId, full: false, actor: "test", reason: null };
  const audit = () => ({ actor: "test", action: "pull.start", outcome: "ok" });
  return {
    ...{ system, projectId, clientId, client },
    project: async () => (await liveProject(hub.database, projectId))!,
    /** Pulls, and waits for what became of each pull and its batch. */
    async pull(more: { tables?: string[]; full?: boolean } = {}) {
      const { pullIds } = await requestPull(hub, { ...order, audit, ...more });
      return await Promise.all(pullIds.map((pullId) => pullEnded(hub, pullId)));
    },
    async begin() {
      return (await requestPull(hub, { ...order, audit })).pullIds[0]!;
    },
    async rowsOf(table = "items"): Promise<{ code: string }[]> {
      const { rows } = await hub.database.pool.query(`SELECT * FROM client_${client}.shop__${table} ORDER BY 1`);
      return rows;
    },
    async codes(): Promise<string[]> {
      return (await this.rowsOf()).map(({ code }) => code);
    },
    close: () => system.close(),
  };
}
export type PullingClientHere = Awaited<ReturnType<typeof openPullingClient>>;

/** A pull, once it and its batch have ended. */
export const pullEnded = (hub: Pick<Hub, "database">, pullId: number): Promise<PullDetailRow> =>
  waitFor(async () => {
    const pull = (await findPull(hub.database, { pullId, scope: null }))!;
    if (pull.state === "due" || pull.state === "running") return undefined;
    if (pull.purpose === "probe" || pull.state === "unchanged" || pull.state === "cancelled") return pull;
    const { batchStatus } = pull;
    return batchStatus === null || batchStatus === "received" || batchStatus === "running" ? undefined : pull;
  }, `the end of pull ${pullId}`);

/** A run's e-mails, once all are sent: who got them, and what they say. */
export const mailsOfRun = ({ database }: Pick<Hub, "database">, runId: number) =>
  waitFor(async () => {
    const run = await database.query.selectFrom("runs").selectAll().where("id", "=", runId).executeTakeFirst();
    if (run !== undefined && run.state !== "reported") return undefined;
    const all = await database.query.selectFrom("messages").selectAll().where("run_id", "=", runId).execute();
    return all.every(({ state }) => state === "sent") ? all : undefined;
  }, `the e-mails of run ${runId}`);
