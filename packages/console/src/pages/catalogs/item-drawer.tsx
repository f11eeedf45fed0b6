import { Drawer, Stack } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Facts } from "../../parts/facts.tsx";
import { ItemHistory } from "./item-history.tsx";
import { type CatalogName, itemHistoryQuery } from "./item-query.ts";
import { valueText } from "./value-text.ts";

interface ItemDrawerProps {
  catalog: CatalogName;
  itemKey: string;
  onClose: () => void;
}

/** One item as it is now, and what became of it. */
export function ItemDrawer({ catalog, itemKey, onClose }: ItemDrawerProps) {
  return (
    <Drawer opened onClose={onClose} position="right" size="md" title={itemKey}>
      <Stack gap="lg">
        <Present catalog={catalog} itemKey={itemKey} />
        <ItemHistory catalog={catalog} itemKey={itemKey} />
      </Stack>
    </Drawer>
  );
}

/** Its newest change says how it is now; one that was removed is not. */
function Present({ catalog, itemKey }: Omit<ItemDrawerProps, "onClose">) {
  const history = useInfiniteQuery(itemHistoryQuery(catalog, itemKey));
  const newest = history.data?.pages.flatMap(({ events }) => events).find(({ event }) => event === "change");
  if (newest?.event !== "change" || newest.operation === "remove") return null;
  return <Facts of={Object.entries(newest.values).map(([name, value]) => [name, valueText(value)])} />;
}
