import type { CatalogView } from "@inlet/contracts";
import { count, figure } from "@inlet/contracts/figures";
import { Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Section } from "../../parts/section.tsx";
import { Failure, Waiting } from "../../parts/states.tsx";
import { type CatalogName, catalogsQuery } from "./item-query.ts";
import { SubscriptionMark } from "./subscription-mark.tsx";
import { subscriptionsQuery } from "./subscription-query.ts";

const column = columnsOf<CatalogView>();

/** A project's tables that are kept in step with other systems, and how each of those fares. */
export function ProjectCatalogs({ path }: { path: Omit<CatalogName, "table"> }) {
  const catalogs = useQuery(catalogsQuery(path));
  const subscriptions = useQuery(subscriptionsQuery(path.client));
  const of = (table: string) =>
    subscriptions.data?.filter(({ project, catalog }) => project === path.project && catalog === table) ?? [];
  const columns = [
    column.accessor("table", {
      header: "Table",
      cell: ({ row: { original } }) => (
        <Stack gap={0}>
          <PageLink
            to="/catalogs/$client/$project/$table"
            params={{ ...path, table: original.table }}
            c="inherit"
            fw={560}
          >
            {original.table}
          </PageLink>
          <Text span fz="sm" c="var(--quiet)" style={{ whiteSpace: "nowrap" }}>
            {itemsText(original)}
          </Text>
        </Stack>
      ),
    }),
    column.display({
      id: "systems",
      header: "Kept in step with",
      meta: { grow: true },
      cell: ({ row: { original } }) =>
        original.subscribers.length === 0 ? (
          "No system yet"
        ) : (
          <Stack gap={4}>
            {of(original.table).map((subscription) => (
              <Group key={subscription.id} gap="sm">
                <PageLink to="/subscriptions/$subscriptionId" params={{ subscriptionId: String(subscription.id) }}>
                  {subscription.name}
                </PageLink>
                <SubscriptionMark subscription={subscription} />
              </Group>
            ))}
          </Stack>
        ),
    }),
  ];
  return (
    <Section title="Catalogs" flush>
      {catalogs.isPending && <Waiting lines={2} />}
      {catalogs.isError && <Failure error={catalogs.error} retry={() => void catalogs.refetch()} />}
      {catalogs.isSuccess && (
        <DataTable
          caption="Tables that are kept in step with other systems"
          columns={columns}
          rows={catalogs.data}
          rowId={({ table }) => table}
        />
      )}
    </Section>
  );
}

function itemsText({ items }: CatalogView): string {
  if (items === null) return "No items yet";
  return items.exact ? count(items.count, "item") : `about ${figure(items.count)} items`;
}
