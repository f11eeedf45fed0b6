import type { ItemEventView } from "@inlet/contracts";
import { Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { PageLink } from "../../parts/links.tsx";
import { Mark } from "../../parts/mark.tsx";
import { ShowOlder } from "../../parts/show-older.tsx";
import { Failure, Nothing, Waiting } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";
import classes from "./item-history.module.css";
import { type CatalogName, itemHistoryQuery } from "./item-query.ts";
import { valueText } from "./value-text.ts";

/** What became of an item, newest first: who changed what, and what lost a conflict. */
export function ItemHistory({ catalog, itemKey }: { catalog: CatalogName; itemKey: string }) {
  const history = useInfiniteQuery(itemHistoryQuery(catalog, itemKey));
  const events = history.data?.pages.flatMap((page) => page.events) ?? [];
  if (history.isPending) return <Waiting lines={4} />;
  if (history.isError) return <Failure error={history.error} retry={() => void history.refetch()} />;
  if (events.length === 0)
    return <Nothing title="No item of this key">There is none, and there was none lately.</Nothing>;
  return (
    <>
      <ol className={classes.events}>
        {events.map((event) => (
          <li key={keyOf(event)}>
            {event.event === "change" ? <Change event={event} /> : <Loss event={event} />}
            <Text fz="sm" c="var(--quiet)">
              <When at={event.changedAt} /> by <Origin event={event} />
            </Text>
          </li>
        ))}
      </ol>
      <ShowOlder list={history} />
    </>
  );
}

/** One write may lose several fields, each once. */
const keyOf = (event: ItemEventView) =>
  `${event.event} ${event.version} ${event.at} ${event.origin} ${event.event === "loss" ? (event.field ?? "") : ""}`;

function Change({
  event: { operation, version, changed, values },
}: {
  event: Extract<ItemEventView, { event: "change" }>;
}) {
  return (
    <Stack gap={2}>
      <Mark tone={operation === "remove" ? "still" : "good"}>
        {operation === "remove" ? "Removed" : version === 1 ? "New" : "Changed"}
      </Mark>
      {operation === "put" &&
        changed.map((column) => (
          <Text key={column} fz="sm" className={classes.value}>
            <b>{column}</b> {valueText(values[column])}
          </Text>
        ))}
    </Stack>
  );
}

const RULES = {
  newest: "it was newer",
  source: "that side is right about it",
  function: "the platform's own function decided",
} as const;

function Loss({
  event: { field, value, kept, keptOrigin, rule },
}: {
  event: Extract<ItemEventView, { event: "loss" }>;
}) {
  return (
    <Stack gap={2}>
      <Mark tone="warning">Not taken</Mark>
      <Text fz="sm" className={classes.value}>
        {field === null ? "That it is gone" : <b>{field}</b>}
        {field !== null && ` ${valueText(value)}`}; {field === null ? "it" : valueText(kept)}
        {keptOrigin !== null && ` of ${keptOrigin}`} stayed: {RULES[rule]}
      </Text>
    </Stack>
  );
}

function Origin({ event: { origin, cause } }: { event: ItemEventView }) {
  if (origin === "import" && cause !== null && /^\d+$/.test(cause)) {
    return (
      <PageLink to="/batches/$batchId" params={{ batchId: cause }} underline="always">
        batch {cause}
      </PageLink>
    );
  }
  if (origin === "api") return <span>{cause ?? "the API"}</span>;
  return <span>{cause === null ? origin : `${origin} (${cause})`}</span>;
}
