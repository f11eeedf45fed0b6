import type { CatalogItemView } from "@inlet/contracts";
import { figure } from "@inlet/contracts/figures";
import { Button, Drawer, Group, Stack, TextInput } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { Facts } from "../../parts/facts.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Page } from "../../parts/page.tsx";
import { Section } from "../../parts/section.tsx";
import { Failure, Nothing, Waiting } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";
import { ItemHistory } from "./item-history.tsx";
import { catalogsQuery, itemsQuery } from "./item-query.ts";
import { valueText } from "./value-text.ts";

const route = getRouteApi("/signed-in/catalogs/$client/$project/$table");
const column = columnsOf<CatalogItemView>();
/** Beside the key; the others are in the item's own drawer. */
const COLUMNS_SHOWN = 3;

/** The items of one catalog, and what became of each. */
export function CatalogPage() {
  const catalog = route.useParams();
  const { key } = route.useSearch();
  const { client, project, table } = catalog;
  const navigate = useNavigate();
  const catalogs = useQuery(catalogsQuery(catalog));
  const items = useInfiniteQuery(itemsQuery(catalog));
  const [asked, setAsked] = useState("");
  const facts = catalogs.data?.find((each) => each.table === table);
  const rows = items.data?.pages.flatMap((page) => page.items) ?? [];
  const open = (next: string | undefined) =>
    void navigate({
      to: "/catalogs/$client/$project/$table",
      params: catalog,
      search: next === undefined ? {} : { key: next },
      replace: true,
    });
  const shown = Object.keys(rows[0]?.values ?? {})
    .filter((name) => !facts?.key.includes(name))
    .slice(0, COLUMNS_SHOWN);
  const columns = [
    column.accessor("key", { header: "Key", cell: ({ getValue }) => <b>{getValue()}</b> }),
    ...shown.map((name, place) =>
      column.display({
        id: `value ${name}`,
        header: name,
        meta: place === 0 ? { grow: true } : { from: "md" as const },
        cell: ({ row }) => valueText(row.original.values[name]),
      }),
    ),
    column.accessor("origin", { header: "Last changed by", meta: { from: "sm" } }),
    column.accessor("changedAt", {
      header: "At",
      meta: { align: "end" },
      cell: ({ getValue }) => <When at={getValue()} />,
    }),
  ];
  return (
    <Page
      title={table}
      crumbs={[
        <PageLink key="catalogs" to="/catalogs" search={{ client }}>
          Catalog sync of {client}
        </PageLink>,
        <PageLink key="project" to="/projects/$client/$project" params={{ client, project }}>
          {project}
        </PageLink>,
      ]}
      lead={facts?.description ?? "The items as they are now, whoever changed them last, and the history of each."}
    >
      {facts !== undefined && (
        <Facts
          of={[
            [
              "Items",
              facts.items === null ? "None yet" : `${facts.items.exact ? "" : "about "}${figure(facts.items.count)}`,
            ],
            ["Key", facts.key.join(", ")],
            ["Kept in step with", facts.subscribers.length === 0 ? "No system" : facts.subscribers.join(", ")],
            ["History", `${facts.historyDays} days`],
          ]}
        />
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (asked.trim() !== "") open(asked.trim());
        }}
      >
        <Group gap="xs" align="flex-end">
          <TextInput
            label="Key of an item"
            description="Also of one that was removed"
            value={asked}
            maxLength={2000}
            onChange={(event) => setAsked(event.currentTarget.value)}
          />
          <Button type="submit" variant="default">
            Show its history
          </Button>
        </Group>
      </form>
      <Section title="Items" flush>
        {items.isPending && <Waiting />}
        {items.isError && <Failure error={items.error} retry={() => void items.refetch()} />}
        {items.isSuccess && rows.length === 0 && (
          <Nothing title="No items yet">
            They come with the table's first file, through the API, or from another system.
          </Nothing>
        )}
        {rows.length > 0 && (
          <DataTable
            caption={`Items of ${table}, in the order of their keys`}
            columns={columns}
            rows={rows}
            rowId={(row) => row.key}
            onOpen={(row) => open(row.key)}
            foot={
              items.hasNextPage && (
                <Group justify="center" p="sm">
                  <Button
                    variant="subtle"
                    loading={items.isFetchingNextPage}
                    onClick={() => void items.fetchNextPage()}
                  >
                    Show more
                  </Button>
                </Group>
              )
            }
          />
        )}
      </Section>
      <Drawer opened={key !== undefined} onClose={() => open(undefined)} position="right" size="md" title={key}>
        {key !== undefined && (
          <Stack gap="lg">
            <Present item={rows.find((row) => row.key === key)} />
            <ItemHistory catalog={catalog} itemKey={key} />
          </Stack>
        )}
      </Drawer>
    </Page>
  );
}

function Present({ item }: { item: CatalogItemView | undefined }) {
  if (item === undefined) return null;
  return <Facts of={Object.entries(item.values).map(([name, value]) => [name, valueText(value)])} />;
}
