import type { SubscriptionView } from "@inlet/contracts";
import { Stack, Text } from "@mantine/core";
import { IconArrowsExchange } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useSession } from "../../api/session.ts";
import { ClientSelect } from "../../parts/client-select.tsx";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Page } from "../../parts/page.tsx";
import { Failure, Nothing, Waiting } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";
import { directionText, lagText } from "./lag-text.ts";
import { SubscriptionMark } from "./subscription-mark.tsx";
import { subscriptionsQuery } from "./subscription-query.ts";

const route = getRouteApi("/signed-in/catalogs");
const column = columnsOf<SubscriptionView>();

const COLUMNS = [
  column.accessor("name", {
    header: "System",
    meta: { grow: true },
    cell: ({ row: { original } }) => (
      <Stack gap={0}>
        <PageLink
          to="/subscriptions/$subscriptionId"
          params={{ subscriptionId: String(original.id) }}
          c="inherit"
          fw={560}
        >
          {original.name}
        </PageLink>
        <Text fz="sm" c="var(--quiet)">
          {original.use} · {directionText(original)}
        </Text>
      </Stack>
    ),
  }),
  column.accessor("catalog", {
    header: "Catalog",
    cell: ({ row: { original } }) => (
      <Stack gap={0}>
        <PageLink
          to="/catalogs/$client/$project/$table"
          params={{ client: original.client, project: original.project, table: original.catalog }}
        >
          {original.catalog}
        </PageLink>
        <Text fz="sm" c="var(--quiet)">
          {original.client} / {original.project}
        </Text>
      </Stack>
    ),
  }),
  column.accessor("state", {
    header: "State",
    cell: ({ row }) => <SubscriptionMark subscription={row.original} />,
  }),
  column.accessor("lag", { header: "Behind", meta: { from: "sm" }, cell: ({ row }) => lagText(row.original) }),
  column.accessor("letters", {
    header: "Not taken",
    meta: { from: "md", align: "end" },
    cell: ({ getValue }) => getValue().dead + getValue().retrying || "None",
  }),
  column.accessor("lastSuccessAt", {
    header: "Last success",
    meta: { from: "md", align: "end" },
    cell: ({ getValue }) => {
      const at = getValue();
      return at === null ? "Never" : <When at={at} />;
    },
  }),
];

/** Every outside system that a catalog is kept in step with, and how it fares. */
export function CatalogsPage() {
  const { client } = route.useSearch();
  const session = useSession();
  const navigate = useNavigate();
  const subscriptions = useQuery(subscriptionsQuery(client));
  return (
    <Page
      title="Catalog sync"
      lead="Tables that are kept in step with other systems: how far each system is, and what it did not take."
    >
      {session.client === null && (
        <div style={{ maxWidth: 280 }}>
          <ClientSelect
            value={client ?? null}
            onChange={(chosen) =>
              void navigate({ to: "/catalogs", search: chosen ? { client: chosen } : {}, replace: true })
            }
          />
        </div>
      )}
      {subscriptions.isPending && <Waiting />}
      {subscriptions.isError && <Failure error={subscriptions.error} retry={() => void subscriptions.refetch()} />}
      {subscriptions.data?.length === 0 && (
        <Nothing icon={<IconArrowsExchange size={22} />} title="No table is kept in step with another system yet">
          Name the table under <code>catalogs</code> in a project's profile, with the systems that get its changes or
          send theirs.
        </Nothing>
      )}
      {subscriptions.data !== undefined && subscriptions.data.length > 0 && (
        <DataTable
          caption="Systems that catalogs are kept in step with"
          columns={COLUMNS}
          rows={subscriptions.data}
          rowId={({ id }) => String(id)}
          onOpen={({ id }) =>
            void navigate({ to: "/subscriptions/$subscriptionId", params: { subscriptionId: String(id) } })
          }
        />
      )}
    </Page>
  );
}
