import type { ProfileVersion } from "@inlet/contracts";
import { Button, Group, Select, Stack, Text } from "@mantine/core";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Ask } from "../../../../parts/ask.tsx";
import { columnsOf, DataTable } from "../../../../parts/data-table.tsx";
import { PageLink } from "../../../../parts/links.tsx";
import { Mark } from "../../../../parts/mark.tsx";
import { Section } from "../../../../parts/section.tsx";
import { Failure, Waiting } from "../../../../parts/states.tsx";
import { When } from "../../../../parts/when.tsx";
import type { ProjectPath } from "../../project-queries.ts";
import { Diff } from "../changes/diff.tsx";
import { textOf } from "../document/profile-text.ts";
import { versionQuery, versionsQuery } from "../profile-queries.ts";
import classes from "./history-view.module.css";

const column = columnsOf<ProfileVersion>();

interface HistoryViewProps {
  path: ProjectPath;
  /** Which versions are compared. */
  from: number | undefined;
  to: number | undefined;
  onCompare: (from: number, to: number) => void;
  /** Makes a version's text the edited one; undefined for who only looks. */
  onBringBack: ((text: string) => void) | undefined;
  /** There are edits that a version which is brought back would take the place of. */
  isChanged: boolean;
}

/** What the profile said before, and what each version changed. */
export function HistoryView({ path, from, to, onCompare, onBringBack, isChanged }: HistoryViewProps) {
  const queryClient = useQueryClient();
  const [asked, setAsked] = useState<number>();
  const versions = useInfiniteQuery(versionsQuery(path));
  if (versions.isPending) return <Waiting />;
  if (versions.isError) return <Failure error={versions.error} retry={() => void versions.refetch()} />;
  const rows = versions.data.pages.flatMap((page) => page.versions);
  const bringBack = async (version: number) => {
    const { written } = await queryClient.ensureQueryData(versionQuery(path, version));
    onBringBack?.(textOf(written));
  };
  const columns = [
    column.accessor("version", {
      header: "Version",
      cell: ({ row: { original } }) => (
        <Group gap="xs" wrap="nowrap">
          <span>{original.version}</span>
          {original.live && <Mark tone="good">Live</Mark>}
        </Group>
      ),
    }),
    column.accessor("appliedBy", { header: "By", meta: { grow: true, from: "sm" } }),
    column.accessor("appliedAt", {
      header: "When",
      meta: { align: "end" },
      cell: ({ getValue }) => <When at={getValue()} />,
    }),
    column.display({
      id: "acts",
      header: () => <span className="only-for-readers">What can be done</span>,
      meta: { align: "end" },
      cell: ({
        row: {
          original: { version, live },
        },
      }) => (
        <Group gap="sm" justify="flex-end" className={classes.acts}>
          {version > 1 && (
            <PageLink
              to="/projects/$client/$project/profile"
              params={path}
              search={{ view: "history", from: version - 1, to: version }}
              resetScroll={false}
            >
              What it changed
            </PageLink>
          )}
          {onBringBack !== undefined && !live && (
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => (isChanged ? setAsked(version) : void bringBack(version))}
            >
              Bring back
            </Button>
          )}
        </Group>
      ),
    }),
  ];
  return (
    <Stack gap="lg">
      {from !== undefined && to !== undefined && (
        <Comparison path={path} from={from} to={to} rows={rows} onCompare={onCompare} />
      )}
      <Section title="Versions" lead="Files that were received keep the version that they came under." flush>
        <DataTable
          caption="Versions of this profile"
          columns={columns}
          rows={rows}
          rowId={({ version }) => String(version)}
          foot={
            versions.hasNextPage && (
              <Group justify="center" p="sm">
                <Button
                  variant="subtle"
                  loading={versions.isFetchingNextPage}
                  onClick={() => void versions.fetchNextPage()}
                >
                  Show more
                </Button>
              </Group>
            )
          }
        />
      </Section>
      {asked !== undefined && (
        <Ask
          opened
          onClose={() => setAsked(undefined)}
          title={`Bring version ${asked} back?`}
          verb="Bring it back"
          danger
          onYes={() => bringBack(asked)}
        >
          What you changed and have not saved is lost: version {asked} takes its place. It is live only when you save
          it.
        </Ask>
      )}
    </Stack>
  );
}

interface ComparisonProps extends Pick<HistoryViewProps, "path" | "onCompare"> {
  from: number;
  to: number;
  rows: readonly ProfileVersion[];
}

function Comparison({ path, from, to, rows, onCompare }: ComparisonProps) {
  const before = useQuery(versionQuery(path, from));
  const after = useQuery(versionQuery(path, to));
  const known = [...new Set([...rows.map(({ version }) => version), from, to])].sort((one, other) => other - one);
  const options = known.map((version) => ({ value: String(version), label: `Version ${version}` }));
  const failed = before.error ?? after.error;
  return (
    <Section title={`From version ${from} to version ${to}`}>
      <Stack gap="md">
        <Group align="flex-end" gap="sm">
          <Select
            label="From"
            data={options}
            value={String(from)}
            allowDeselect={false}
            w={150}
            onChange={(value) => onCompare(Number(value), to)}
          />
          <Select
            label="To"
            data={options}
            value={String(to)}
            allowDeselect={false}
            w={150}
            onChange={(value) => onCompare(from, Number(value))}
          />
          {after.data !== undefined && (
            <Text fz="sm" c="var(--quiet)" pb={8}>
              By {after.data.appliedBy}, <When at={after.data.appliedAt} />
            </Text>
          )}
        </Group>
        {failed !== null && <Failure error={failed} />}
        {before.data !== undefined && after.data !== undefined && (
          <Diff
            before={textOf(before.data.written)}
            after={textOf(after.data.written)}
            label={`Version ${from} and version ${to}`}
          />
        )}
        {failed === null && (before.isPending || after.isPending) && <Waiting />}
      </Stack>
    </Section>
  );
}
