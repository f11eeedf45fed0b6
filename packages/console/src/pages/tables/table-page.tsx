import type { TableDetail } from "@inlet/contracts";
import { figure } from "@inlet/contracts/figures";
import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconDownload, IconFilterPlus, IconSearchOff, IconTableOff } from "@tabler/icons-react";
import { useInfiniteQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { useChanges } from "../../api/live.ts";
import { useThrottled } from "../../api/throttle.ts";
import { ButtonLink, PageLink } from "../../parts/links.tsx";
import { Page } from "../../parts/page.tsx";
import { Failure, Nothing, Waiting } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";
import { ColumnChooser } from "./column-chooser.tsx";
import { FilterEditor } from "./filter-editor.tsx";
import { FilterPills } from "./filter-pills.tsx";
import { rowCountText } from "./row-count.ts";
import { RowDrawer } from "./row-drawer.tsx";
import { RowList } from "./row-list.tsx";
import {
  askedOf,
  filtersOf,
  nextOrder,
  type RowFilter,
  type RowQuestion,
  shownColumns,
  whereOf,
} from "./row-question.ts";
import { rowsQuery, type TablePath, tableQuery } from "./table-queries.ts";

const route = getRouteApi("/signed-in/tables/$client/$project/$table");

/** An import changes a table at once; many files of it may come in a row. */
const LOOK_MS = 2_000;

/** The rows of an imported table, as they are in PostgreSQL. */
export function TablePage() {
  const path = route.useParams();
  const { data: table } = useSuspenseQuery(tableQuery(path));
  const { client, project } = path;
  return (
    <Page
      title={table.name}
      crumbs={[
        <PageLink key="tables" to="/tables">
          Tables
        </PageLink>,
        <PageLink key="project" to="/projects/$client/$project" params={{ client, project }}>
          {client}/{project}
        </PageLink>,
      ]}
      lead={<Lead table={table} />}
    >
      {/* Another table is another page: what was opened and chosen in this one is not carried over. */}
      <Rows key={`${client} ${project} ${table.name}`} path={path} table={table} />
    </Page>
  );
}

function Lead({ table: { description, rows, lastImport, postgres } }: { table: TableDetail }) {
  return (
    <Stack gap={2}>
      {description !== null && <span>{description}</span>}
      <Text span fz="sm">
        {rowCountText(rows)}
        {lastImport !== null && (
          <>
            {" "}
            · last import <When at={lastImport.importedAt} /> with{" "}
            <PageLink to="/batches/$batchId" params={{ batchId: String(lastImport.batchId) }} underline="always">
              {lastImport.fileName}
            </PageLink>
          </>
        )}{" "}
        · in PostgreSQL{" "}
        <code>
          {postgres.schema}.{postgres.name}
        </code>
      </Text>
    </Stack>
  );
}

function Rows({ path, table }: { path: TablePath; table: TableDetail }) {
  const question = route.useSearch();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const asked = askedOf(question, table.columns);
  const list = useInfiniteQuery({ ...rowsQuery(path, asked), enabled: table.exists });
  const [opened, setOpened] = useState<number>();
  const isNewer = useNewImport(path, table);
  const columns = shownColumns(question, table.columns);
  const filters = filtersOf(question);
  const rows = list.data?.pages.flatMap((page) => page.rows) ?? [];

  const ask = (changed: RowQuestion) =>
    void navigate({
      to: "/tables/$client/$project/$table",
      params: path,
      search: Object.fromEntries(Object.entries({ ...question, ...changed }).filter(([, text]) => text !== "")),
      replace: true,
      resetScroll: false,
    });
  const setFilters = (next: readonly RowFilter[]) => ask({ where: whereOf(next) });
  const startAgain = () => {
    isNewer.seen();
    void queryClient.resetQueries({ queryKey: rowsQuery(path, asked).queryKey });
  };

  if (!table.exists) {
    return (
      <Nothing
        icon={<IconTableOff size={22} />}
        title="Nothing was imported yet"
        action={
          <ButtonLink
            to="/upload"
            search={{ service: `${path.client}/${path.project}/${path.table}` }}
            variant="default"
          >
            Upload a file
          </ButtonLink>
        }
      >
        The table is made with its first file.
      </Nothing>
    );
  }
  return (
    <Stack gap="md">
      <Group gap="xs" justify="space-between" align="flex-start">
        <Group gap="xs" flex="1 1 20rem">
          <FilterPills filters={filters} columns={table.columns} onChange={setFilters} />
          <FilterEditor columns={table.columns} onSet={(filter) => setFilters([...filters, filter])}>
            {(open) => (
              <Button variant="default" leftSection={<IconFilterPlus size={16} aria-hidden />} onClick={open}>
                Add a filter
              </Button>
            )}
          </FilterEditor>
        </Group>
        <Group gap="xs">
          <ColumnChooser
            columns={table.columns}
            shown={columns}
            onChange={(names) => ask({ columns: names?.join(",") ?? "" })}
          />
          <Button
            component="a"
            href={api.rowsFileUrl(path.client, path.project, path.table, {
              ...asked,
              columns: columns.map(({ name }) => name),
            })}
            download
            variant="default"
            leftSection={<IconDownload size={16} aria-hidden />}
          >
            Download CSV
          </Button>
        </Group>
      </Group>
      {isNewer.is && (
        <Alert color="gray" variant="light" role="status">
          <Group justify="space-between" gap="xs">
            <Text fz="sm">Rows were imported since these were read.</Text>
            <Button size="compact-sm" variant="default" onClick={startAgain}>
              Read them again
            </Button>
          </Group>
        </Alert>
      )}
      {list.isPending && <Waiting lines={10} />}
      {list.isError && !list.isFetchNextPageError && <Failure error={list.error} retry={startAgain} />}
      {list.isSuccess && rows.length === 0 && <NoRows isFiltered={filters.length > 0} onClear={() => setFilters([])} />}
      {rows.length > 0 && (
        <>
          <RowList
            caption={`Rows of ${table.name}`}
            columns={columns}
            rows={rows}
            question={question}
            onOrder={(column) => ask({ order: nextOrder(question, column) })}
            onOpen={setOpened}
            isOld={list.isPlaceholderData}
          />
          {list.isFetchNextPageError && <Failure error={list.error} retry={startAgain} />}
          <Group justify="space-between">
            <Text fz="sm" c="var(--quiet)" role="status">
              {figure(rows.length)} {rows.length === 1 ? "row" : "rows"} {list.hasNextPage ? "read so far" : "in all"}
            </Text>
            {list.hasNextPage && (
              <Button variant="subtle" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                Show more
              </Button>
            )}
          </Group>
        </>
      )}
      <RowDrawer
        columns={columns}
        row={opened === undefined ? undefined : rows[opened]}
        onClose={() => setOpened(undefined)}
        onPrevious={opened === undefined || opened === 0 ? undefined : () => setOpened(opened - 1)}
        onNext={opened === undefined || opened + 1 >= rows.length ? undefined : () => setOpened(opened + 1)}
      />
    </Stack>
  );
}

/** Whether something was imported since the rows were read: they stay as they are until they are read again. */
function useNewImport({ client, project, table: name }: TablePath, table: TableDetail) {
  const queryClient = useQueryClient();
  const newest = table.lastImport?.batchId;
  const [seen, setSeen] = useState(newest);
  const look = useThrottled(
    () => void queryClient.invalidateQueries(tableQuery({ client, project, table: name })),
    LOOK_MS,
  );
  useChanges({
    onBatches: (changes) => {
      const isOurs = changes.some(
        (change) => change.client === client && change.project === project && change.table === name,
      );
      if (isOurs) look();
    },
    onReset: look,
  });
  return { is: newest !== seen, seen: () => setSeen(newest) };
}

function NoRows({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  if (!isFiltered) return <Nothing icon={<IconTableOff size={22} />} title="The table has no rows" />;
  return (
    <Nothing
      icon={<IconSearchOff size={22} />}
      title="No row meets these filters"
      action={
        <Button variant="default" onClick={onClear}>
          Clear the filters
        </Button>
      }
    >
      Texts are compared letter by letter, capitals too.
    </Nothing>
  );
}
