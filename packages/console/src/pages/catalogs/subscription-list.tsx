import type { SubscriptionView } from "@inlet/contracts";
import { Stack, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { PageLink } from "../../parts/links.tsx";
import { When } from "../../parts/when.tsx";
import classes from "./catalogs.module.css";
import { directionText, lagText } from "./lag-text.ts";
import { SubscriptionMark } from "./subscription-mark.tsx";

const column = columnsOf<SubscriptionView>();

const CATALOG = column.accessor("catalog", {
  header: "Catalog",
  cell: ({ row: { original } }) => (
    <Stack gap={0} className={classes.words}>
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
});

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
  CATALOG,
  column.accessor("state", {
    header: "State",
    cell: ({ row }) => <SubscriptionMark subscription={row.original} />,
  }),
  column.accessor("lag", {
    header: "Behind",
    meta: { from: "sm" },
    cell: ({ row }) => <div className={classes.words}>{lagText(row.original)}</div>,
  }),
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

interface SubscriptionListProps {
  caption: string;
  subscriptions: readonly SubscriptionView[];
  /** They are all of one catalog, which is named elsewhere. */
  ofOneCatalog?: boolean;
}

/** Outside systems that catalogs are kept in step with, and how each fares. */
export function SubscriptionList({ caption, subscriptions, ofOneCatalog = false }: SubscriptionListProps) {
  const navigate = useNavigate();
  return (
    <DataTable
      caption={caption}
      columns={ofOneCatalog ? COLUMNS.filter((each) => each !== CATALOG) : COLUMNS}
      rows={subscriptions}
      rowId={({ id }) => String(id)}
      onOpen={({ id }) =>
        void navigate({ to: "/subscriptions/$subscriptionId", params: { subscriptionId: String(id) } })
      }
    />
  );
}
