import type { ItemBody } from "@inlet/contracts";
import { type Paging, part, projectPath, queryOf } from "../address.ts";
import type { Send } from "../transport.ts";

const itemsPath = (client: string, project: string, table: string) =>
  `${projectPath(client, project)}/catalogs/${part(table)}/items`;
const itemPath = (client: string, project: string, table: string, key: string) =>
  `${itemsPath(client, project, table)}/${part(key)}`;

/** A condition on a write: the version that the caller has seen; when the item is at another by now, it throws (412). */
interface ItemCondition {
  expectedVersion?: number | undefined;
}

const conditionOf = ({ expectedVersion }: ItemCondition) =>
  expectedVersion === undefined ? {} : { ifMatch: `"${expectedVersion}"` };

export const catalogCalls = (send: Send) => ({
  catalogs: async (client: string, project: string) =>
    (await send("catalogListSchema", "GET", `${projectPath(client, project)}/catalogs`)).catalogs,
  /** In the order of the keys; `after` is the last key of the page before. */
  items: (
    client: string,
    project: string,
    table: string,
    { after, limit }: { after?: string | undefined; limit?: number | undefined } = {},
  ) => send("itemPageSchema", "GET", `${itemsPath(client, project, table)}${queryOf({ after, limit })}`),
  item: (client: string, project: string, table: string, key: string) =>
    send("catalogItemSchema", "GET", itemPath(client, project, table, key)),
  putItem: (
    [client, project, table, key]: readonly [client: string, project: string, table: string, key: string],
    body: ItemBody,
    condition: ItemCondition = {},
  ) => send("writtenItemSchema", "PUT", itemPath(client, project, table, key), body, conditionOf(condition)),
  removeItem: (
    [client, project, table, key]: readonly [client: string, project: string, table: string, key: string],
    condition: ItemCondition = {},
  ) => send("writtenItemSchema", "DELETE", itemPath(client, project, table, key), undefined, conditionOf(condition)),
  /** Changes and losses, newest first. */
  itemHistory: (
    [client, project, table, key]: readonly [client: string, project: string, table: string, key: string],
    { cursor, limit }: Paging = {},
  ) =>
    send("itemHistorySchema", "GET", `${itemPath(client, project, table, key)}/history${queryOf({ cursor, limit })}`),
});
