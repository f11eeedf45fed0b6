import type { AuditLine } from "@inlet/contracts";
import { figure } from "@inlet/contracts/figures";
import { Button, Stack, Text, UnstyledButton } from "@mantine/core";
import { IconDownload, IconSearchOff } from "@tabler/icons-react";
import { infiniteQueryOptions, keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Page } from "../../parts/page.tsx";
import { ShowOlder } from "../../parts/show-older.tsx";
import { Failure, Nothing, Waiting } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";
import { AuditDrawer } from "./audit-drawer.tsx";
import { AuditFilterBar } from "./audit-filter-bar.tsx";
import type { AuditFilters } from "./audit-filters.ts";
import classes from "./audit-page.module.css";
import { AuditTarget } from "./audit-target.tsx";
import { actionText, outcomeOf } from "./audit-words.ts";

const route = getRouteApi("/signed-in/audit");

const auditQuery = (filters: AuditFilters) =>
  infiniteQueryOptions({
    queryKey: ["audit", filters],
    queryFn: ({ pageParam }) => api.audit({ ...filters, cursor: pageParam, limit: 50 }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
    // One's own doings are looked for here at once.
    staleTime: 2_000,
  });

const column = columnsOf<AuditLine>();

/** Who did what, when, from where, and how it ended. */
export function AuditPage() {
  const filters = route.useSearch();
  const navigate = useNavigate();
  const set = (search: AuditFilters) => void navigate({ to: "/audit", search, replace: true });
  const list = useInfiniteQuery(auditQuery(filters));
  const [opened, setOpened] = useState<AuditLine>();
  const lines = list.data?.pages.flatMap((page) => page.lines) ?? [];
  const keptDays = list.data?.pages[0]?.keptDays;
  return (
    <Page
      title="Audit"
      lead="Who did what, when and from where: people, API keys, and clients' logins."
      actions={
        <Button
          component="a"
          href={api.auditFileUrl(filters)}
          download
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
        >
          Download CSV
        </Button>
      }
    >
      <Stack gap="md">
        <AuditFilterBar
          filters={filters}
          actors={[...new Set(lines.map(({ actor }) => actor))].sort()}
          onChange={set}
        />
        {list.isPending && <Waiting lines={8} />}
        {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
        {list.isSuccess && lines.length === 0 && (
          <Nothing
            icon={<IconSearchOff size={22} />}
            title="Nothing of that kind was done"
            action={
              <Button variant="default" onClick={() => set({})}>
                Clear the filters
              </Button>
            }
          >
            Take a filter away, or look at a longer time.
          </Nothing>
        )}
        {lines.length > 0 && (
          <DataTable
            caption="Lines of the audit, the newest first"
            columns={columnsFor(setOpened)}
            rows={lines}
            rowId={({ id }) => String(id)}
            onOpen={setOpened}
            foot={<ShowOlder list={list} />}
          />
        )}
        {keptDays !== undefined && (
          <Text fz="sm" c="var(--quiet)">
            {keptDays === 0 ? "Lines are kept for ever." : `Lines are kept for ${figure(keptDays)} days.`}
          </Text>
        )}
      </Stack>
      <AuditDrawer
        line={opened}
        onClose={() => setOpened(undefined)}
        onOnly={(part) => {
          setOpened(undefined);
          set(part);
        }}
      />
    </Page>
  );
}

const columnsFor = (open: (line: AuditLine) => void) => [
  column.accessor("at", {
    header: "When",
    cell: ({ getValue }) => (
      <Text span c="var(--quiet)" style={{ whiteSpace: "nowrap" }}>
        <When at={getValue()} />
      </Text>
    ),
  }),
  column.accessor("actor", {
    header: "Who",
    meta: { from: "sm" },
    cell: ({ getValue }) => <span className={classes.actor}>{getValue()}</span>,
  }),
  column.accessor("action", {
    header: "What",
    meta: { grow: true },
    cell: ({ row: { original } }) => (
      <Stack gap={0}>
        <UnstyledButton className={classes.what} onClick={() => open(original)}>
          {actionText(original.action)}
        </UnstyledButton>
        <Text fz="sm" c="var(--quiet)" hiddenFrom="sm">
          {original.actor}
        </Text>
        <Text fz="sm" c="var(--quiet)" className={classes.path}>
          <AuditTarget path={original.path} />
        </Text>
      </Stack>
    ),
  }),
  column.accessor("address", {
    header: "From",
    meta: { from: "md" },
    cell: ({ getValue }) => (
      <Text span fz="sm" c="var(--quiet)">
        {getValue() ?? "–"}
      </Text>
    ),
  }),
  column.accessor("outcome", {
    header: "Outcome",
    meta: { align: "end" },
    cell: ({ getValue }) => <Mark tone={outcomeOf(getValue()).tone}>{outcomeOf(getValue()).word}</Mark>,
  }),
];
