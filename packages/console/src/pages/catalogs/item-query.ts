import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api } from "../../api/client.ts";

/** Which catalog a page is about. */
export interface CatalogName {
  client: string;
  project: string;
  table: string;
}

/** The catalogs of a project. */
export const catalogsQuery = ({ client, project }: Omit<CatalogName, "table">) =>
  queryOptions({ queryKey: ["catalogs", client, project], queryFn: () => api.catalogs(client, project) });

/** Items in the order of their keys. */
export const itemsQuery = ({ client, project, table }: CatalogName) =>
  infiniteQueryOptions({
    queryKey: ["catalog", client, project, table, "items"],
    queryFn: ({ pageParam }) => api.items(client, project, table, { after: pageParam, limit: 50 }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
  });

/** What became of an item, newest first. */
export const itemHistoryQuery = ({ client, project, table }: CatalogName, key: string) =>
  infiniteQueryOptions({
    queryKey: ["catalog", client, project, table, "history", key],
    queryFn: ({ pageParam }) => api.itemHistory([client, project, table, key], { cursor: pageParam, limit: 20 }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
  });
