import type { BatchDetail, BatchLogLine } from "@inlet/contracts";
import { Button, Group, SegmentedControl, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { Section } from "../../parts/section.tsx";
import { Failure, Waiting } from "../../parts/states.tsx";
import classes from "./log-lines.module.css";

const clock = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});

/** What the services wrote about this batch. */
export function LogLines({ batch }: { batch: BatchDetail }) {
  const [opened, setOpened] = useState(false);
  const [level, setLevel] = useState<"info" | "warn">("info");
  const log = useInfiniteQuery({
    queryKey: ["batch", batch.id, "log", level],
    queryFn: ({ pageParam }) => api.batchLog(batch.id, { level, cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    enabled: opened,
  });
  const lines = log.data?.pages.flatMap((page) => page.lines) ?? [];
  return (
    <Section
      title="Log"
      lead="What the services wrote about this batch."
      actions={
        opened ? (
          <SegmentedControl
            size="xs"
            aria-label="Least level"
            value={level}
            onChange={(value) => setLevel(value as typeof level)}
            data={[
              { value: "info", label: "All" },
              { value: "warn", label: "Warnings and errors" },
            ]}
          />
        ) : (
          <Button size="xs" variant="default" onClick={() => setOpened(true)}>
            Show the log
          </Button>
        )
      }
    >
      {opened && (
        <>
          {log.isPending && <Waiting lines={4} />}
          {log.isError && <Failure error={log.error} retry={() => void log.refetch()} />}
          {log.isSuccess && lines.length === 0 && (
            <Text fz="sm" c="var(--quiet)">
              {emptyText(log.data.pages.at(-1)?.keptSince ?? null)}
            </Text>
          )}
          {lines.length > 0 && (
            <ol className={classes.log}>
              {lines.map((line, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a log only grows at its end
                <LogLine key={index} line={line} />
              ))}
            </ol>
          )}
          {log.hasNextPage && (
            <Group justify="center">
              <Button variant="subtle" loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
                Look further
              </Button>
            </Group>
          )}
        </>
      )}
    </Section>
  );
}

function emptyText(keptSince: string | null): string {
  if (keptSince === null) return "This hub keeps no log files; its log is where the services print to.";
  return "There are no such lines of this batch in the log that is kept.";
}

function LogLine({ line }: { line: BatchLogLine }) {
  return (
    <li className={classes.line} data-level={line.level}>
      <time dateTime={line.time} className={classes.time}>
        {clock.format(new Date(line.time))}
      </time>
      <span className={classes.service}>{line.service}</span>
      <span className={classes.words}>
        {line.level !== "info" && <b>{line.level} </b>}
        {line.message} <span className={classes.facts}>{factsText(line.facts)}</span>
      </span>
    </li>
  );
}

const factsText = (facts: BatchLogLine["facts"]) =>
  Object.entries(facts)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
