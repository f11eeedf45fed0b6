import type { SourceState } from "@inlet/contracts";
import { count } from "@inlet/contracts/figures";
import { Stack, Text } from "@mantine/core";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Section } from "../../parts/section.tsx";
import { When } from "../../parts/when.tsx";

const PLACES = { sftp: "SFTP server", mailbox: "Mailbox", pull: "System" } as const;
const KINDS = { sftp: "SFTP", mailbox: "Mailbox", pull: "API" } as const;

const column = columnsOf<SourceState>();
const COLUMNS = [
  column.display({
    id: "place",
    header: "Place",
    cell: ({ row: { original } }) => (
      <Stack gap={0}>
        <Text span fw={560}>
          {original.host ?? PLACES[original.kind]}
        </Text>
        <Text span fz="sm" c="var(--quiet)">
          {KINDS[original.kind]} of{" "}
          <PageLink
            to={original.kind === "pull" ? "/projects/$client/$project/pulls" : "/projects/$client/$project"}
            params={{ client: original.client, project: original.project }}
            c="inherit"
          >
            {original.client}/{original.project}
          </PageLink>
        </Text>
      </Stack>
    ),
  }),
  column.display({
    id: "state",
    header: "State",
    meta: { grow: true },
    cell: ({ row: { original } }) => <Look source={original} />,
  }),
  column.accessor("lookedAt", {
    header: "Last look",
    meta: { align: "end" },
    cell: ({ getValue }) => <Time at={getValue()} />,
  }),
  column.accessor("nextLookAt", {
    header: "Next look",
    meta: { align: "end", from: "md" },
    cell: ({ getValue }) => <Time at={getValue()} />,
  }),
];

/** The clients' own servers, mailboxes and systems that files and rows come from. */
export function SourceTable({ sources }: { sources: readonly SourceState[] }) {
  if (sources.length === 0) return null;
  return (
    <Section
      title="Sources"
      lead="Clients' own servers, mailboxes and systems that are asked for files and rows."
      flush
    >
      <DataTable
        caption="Places that are asked for files and rows"
        columns={COLUMNS}
        rows={sources.toSorted((a, b) => b.failures - a.failures)}
        rowId={({ kind, client, project }) => `${kind} ${client}/${project}`}
      />
    </Section>
  );
}

function Look({ source: { kind, failures, error, succeededAt, lookedAt } }: { source: SourceState }) {
  if (failures === 0) {
    if (kind === "pull" && error !== null) return <PullTrouble word="Tries again" message={error.message} />;
    if (kind === "pull")
      return lookedAt === null ? <Mark tone="still">Not pulled yet</Mark> : <Mark tone="good">Pulled</Mark>;
    return lookedAt === null ? <Mark tone="still">Not looked at yet</Mark> : <Mark tone="good">Reached</Mark>;
  }
  if (kind === "pull")
    return <PullTrouble word={`${count(failures, "table")} stopped`} message={error?.message ?? ""} isBad />;
  return (
    <Stack gap={0}>
      <Mark tone="bad">Not reached, {count(failures, "time")} in a row</Mark>
      <Text fz="sm" c="var(--quiet)">
        {error?.message} {succeededAt === null ? "It was never reached." : <LastReached at={succeededAt} />}
      </Text>
    </Stack>
  );
}

function PullTrouble({ word, message, isBad = false }: { word: string; message: string; isBad?: boolean }) {
  return (
    <Stack gap={0}>
      <Mark tone={isBad ? "bad" : "warning"}>{word}</Mark>
      <Text fz="sm" c="var(--quiet)">
        {message}
      </Text>
    </Stack>
  );
}

const LastReached = ({ at }: { at: string }) => (
  <>
    Last reached <When at={at} />.
  </>
);

function Time({ at }: { at: string | null }) {
  if (at !== null) return <When at={at} />;
  return (
    <Text span c="var(--quiet)">
      –
    </Text>
  );
}
