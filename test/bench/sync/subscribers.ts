import { fileURLToPath } from "node:url";
import { type Profile, profileSchema } from "@inlet/contracts";
import { transaction } from "@inlet/database";
import { type IncomingRow, openCatalog, writeItems } from "@inlet/sync/catalogs";
import { buildProfile, buildTable } from "../../fixtures/profile.ts";
import { live } from "../../fixtures/reception.ts";
import { type BenchHub, openBenchHub } from "../hub.ts";

/** Keys worked on at a time: what profiles have by default. */
export const CONCURRENCY = 8;

/** A hub with a syncer that may reach this machine. */
export const openSyncHub = () =>
  openBenchHub(["syncer"], {
    INLET_FAILPOINTS: "",
    REMOTE_ALLOW: "127.0.0.1",
    SUBSCRIBERS_FOLDER: fileURLToPath(new URL("../../sync/subscribers", import.meta.url)),
    // Whoever waits for a pause to end would be measured, too.
    LOOK_MS: "100",
    REGISTER_MS: "100",
  });

/** A catalog with so many subscriptions that post to one receiver, each change by a request of its own. */
export async function openSyncProject(
  hub: BenchHub,
  { url, subscribers, use = "recorder" }: { url: string; subscribers: number; use?: string },
) {
  const profile: Profile = profileSchema.parse(
    buildProfile({
      client: `sync${subscribers}`,
      tables: [
        buildTable({
          mode: "upsert",
          key: ["id"],
          columns: [
            { name: "id", type: "integer", required: true },
            ...["name", "street", "town", "note"].map((name) => ({ name })),
            { name: "price", type: "decimal", precision: 10, scale: 2 },
          ],
        }),
      ],
      catalogs: [
        {
          table: "rows",
          subscribers: Array.from({ length: subscribers }, (_, n) => ({
            ...{ name: `shop_${n + 1}`, use, settings: { url } },
            concurrency: CONCURRENCY,
          })),
        },
      ],
    }),
  );
  const project = await live(hub.database, profile);
  const place = {
    ...{ projectId: project.projectId, client: profile.client, project: profile.project },
    ...{ table: profile.tables[0]!, catalog: profile.catalogs[0]! },
  };
  return {
    ...project,
    /** Writes items as the API does, and hints at them. */
    async write(rows: readonly IncomingRow[]): Promise<number> {
      const catalogId = await transaction(hub.database, async (tx) => {
        const catalog = await openCatalog(tx, place, {});
        await writeItems(tx, catalog, rows, { origin: "api", cause: "bench" });
        return catalog.catalogId;
      });
      const committedMs = performance.timeOrigin + performance.now();
      hub.publisher.catalogsWritten([catalogId]);
      return committedMs;
    },
  };
}
export type SyncProject = Awaited<ReturnType<typeof openSyncProject>>;

/** An item as a shop's customer list has it. */
export const itemOf = (id: number, version: number): IncomingRow => ({
  operation: "put",
  values: {
    id: `${id}`,
    name: `Customer no. ${id}`,
    street: `${(id % 200) + 1} Long Meadow Road`,
    town: "Old Town under the Hill",
    note: `written ${version} times, and told each time`,
    price: `${(id % 1000) + version / 100}`,
  },
});
