import type { CatalogItemView } from "@inlet/contracts";
import { Button, Group } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Failure, Nothing, Waiting } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";
import classes from "./catalogs.module.css";
import { type CatalogName, itemsQuery } from "./item-query.ts";
import { valueText } from "./value-text.ts";

const column = columnsOf<CatalogItemView>();
/** Beside the key; the others are in the item's own drawer. */
const COLUMNS_SHOWN = 3;

interface ItemListProps {
  catalog: CatalogName;
  /** The columns that the key is made of: it stands first already. */
  keyColumns: readonly string[];
  onOpen: (key: string) => void;
}

/** The items of a catalog in the order of their keys. */
export function ItemList({ catalog, keyColumns, onOpen }: ItemListProps) {
  const items = useInfiniteQuery(itemsQuery(catalog));
  const rows = items.data?.pages.flatMap((page) => page.items) ?? [];
  if (items.isPending) return <Waiting />;
  if (items.isError) return <Failure error={items.error} retry={() => void items.refetch()} />;
  if (rows.length === 0)
    return (
      <Nothing title="No items yet">
        They come with the table's first file, through the API, or from another system.
      </Nothing>
    );
  const shown = Object.keys(rows[0]?.values ?? {})
    .filter((name) => !keyColumns.includes(name))
    .slice(0, COLUMNS_SHOWN);
  const columns = [
    column.accessor("key", {
      header: "Key",
      cell: ({ getValue }) => (
        <PageLink
          to="/catalogs/$client/$project/$table"
          params={{ ...catalog }}
          search={{ key: getValue() }}
          c="inherit"
          fw={560}
          display="block"
          className={classes.words}
        >
          {getValue()}
        </PageLink>
      ),
    }),
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
    <DataTable
      caption={`Items of ${catalog.table}, in the order of their keys`}
      columns={columns}
      rows={rows}
      rowId={(row) => row.key}
      onOpen={(row) => onOpen(row.key)}
      foot={
        items.hasNextPage && (
          <Group justify="center" p="sm">
            <Button variant="subtle" loading={items.isFetchingNextPage} onClick={() => void items.fetchNextPage()}>
              Show more
            </Button>
          </Group>
        )
      }
    />
  );
}
