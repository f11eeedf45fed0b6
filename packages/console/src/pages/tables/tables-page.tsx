import type { ProjectSummary, TableSummary } from "@inlet/contracts";
import { figure } from "@inlet/contracts/figures";
import { Button, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useInViewport } from "@mantine/hooks";
import { IconSearchOff, IconTable } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { projectsQuery } from "../../api/projects.ts";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Page } from "../../parts/page.tsx";
import { SearchBox } from "../../parts/search-box.tsx";
import { Section } from "../../parts/section.tsx";
import { Failure, Nothing, Waiting } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";
import { rowCountText } from "./row-count.ts";
import { tablesQuery } from "./table-queries.ts";
import classes from "./tables-page.module.css";

const route = getRouteApi("/signed-in/tables");
/** Projects that are listed at first. */
const PORTION = 20;

/** The tables of all projects: what was imported, and the way to its rows. */
export function TablesPage() {
  const { text = "" } = route.useSearch();
  const navigate = useNavigate();
  const projects = useQuery(projectsQuery);
  const [most, setMost] = useState(PORTION);
  const found = (projects.data ?? [])
    .map((project) => withTables(project, text))
    .filter(({ tables }) => tables.length > 0);
  return (
    <Page
      title="Tables"
      lead="What was imported, as it is in PostgreSQL: look at the rows, filter them, take them away."
    >
      <Stack gap="md">
        <SearchBox
          value={text}
          onChange={(next) =>
            void navigate({ to: "/tables", search: next === "" ? {} : { text: next }, replace: true })
          }
          placeholder="Table, project or client"
          className={classes.search}
        />
        {projects.isPending && <Waiting />}
        {projects.isError && <Failure error={projects.error} retry={() => void projects.refetch()} />}
        {projects.isSuccess && found.length === 0 && <NoTables text={text} />}
        {found.slice(0, most).map((project) => (
          <ProjectTables key={`${project.client}/${project.project}`} project={project} />
        ))}
        {found.length > most && (
          <Group justify="center">
            <Button variant="subtle" onClick={() => setMost(most + PORTION)}>
              Show more projects
            </Button>
          </Group>
        )}
      </Stack>
    </Page>
  );
}

/** A project with those of its tables that a text is found in: in their name, or in the project's. */
function withTables(project: ProjectSummary, text: string): ProjectSummary {
  const sought = text.toLowerCase();
  const has = (words: string) => words.toLowerCase().includes(sought);
  if (has(`${project.client}/${project.project} ${project.title ?? ""}`)) return project;
  return { ...project, tables: project.tables.filter(({ name, description }) => has(`${name} ${description ?? ""}`)) };
}

type Listed = ProjectSummary["tables"][number] & { state: TableSummary | undefined; isPending: boolean };
const column = columnsOf<Listed>();

/** One project's tables. How many rows they have is asked for once it is seen: a hub may have hundreds of projects. */
function ProjectTables({ project: { client, project, title, tables } }: { project: ProjectSummary }) {
  const { ref, inViewport } = useInViewport<HTMLDivElement>();
  const navigate = useNavigate();
  const states = useQuery({ ...tablesQuery(client, project), enabled: inViewport });
  const columns = [
    column.accessor("name", {
      header: "Table",
      meta: { grow: true },
      cell: ({ row: { original } }) => (
        <Stack gap={0}>
          <PageLink
            to="/tables/$client/$project/$table"
            params={{ client, project, table: original.name }}
            c="inherit"
            fw={560}
          >
            {original.name}
          </PageLink>
          {original.description !== null && (
            <Text span fz="sm" c="var(--quiet)">
              {original.description}
            </Text>
          )}
        </Stack>
      ),
    }),
    column.display({
      id: "rows",
      header: "Rows",
      meta: { align: "end" },
      cell: ({ row: { original } }) => <RowCount listed={original} />,
    }),
    column.display({
      id: "last",
      header: "Last import",
      meta: { align: "end", from: "sm" },
      cell: ({ row: { original } }) => <LastImport listed={original} />,
    }),
  ];
  return (
    <div ref={ref}>
      <Section title={title ?? project} lead={`${client}/${project}`} flush>
        {states.isError && <Failure error={states.error} retry={() => void states.refetch()} />}
        <DataTable
          caption={`Tables of ${client}/${project}`}
          columns={columns}
          rows={tables.map((table) => ({
            ...table,
            state: states.data?.find(({ name }) => name === table.name),
            isPending: states.isPending,
          }))}
          rowId={({ name }) => name}
          onOpen={({ name }) =>
            void navigate({ to: "/tables/$client/$project/$table", params: { client, project, table: name } })
          }
        />
      </Section>
    </div>
  );
}

function RowCount({ listed: { state, isPending } }: { listed: Listed }) {
  if (isPending) return <Skeleton height={12} width={48} display="inline-block" />;
  const rows = state?.rows ?? null;
  if (rows === null) return <Text c="var(--quiet)">None yet</Text>;
  return rows.exact ? figure(rows.count) : rowCountText(rows).replace(" rows", "");
}

function LastImport({ listed: { state } }: { listed: Listed }) {
  const last = state?.lastImport ?? null;
  if (last === null) return null;
  return (
    <>
      <When at={last.importedAt} />
      <Text fz="sm">
        <PageLink to="/batches/$batchId" params={{ batchId: String(last.batchId) }}>
          {last.fileName}
        </PageLink>
      </Text>
    </>
  );
}

function NoTables({ text }: { text: string }) {
  if (text === "") {
    return (
      <Nothing icon={<IconTable size={22} />} title="No tables yet">
        They come with the first project that is set up.
      </Nothing>
    );
  }
  return (
    <Nothing icon={<IconSearchOff size={22} />} title="No table is called so">
      Look for a part of a table's, a project's or a client's name.
    </Nothing>
  );
}
