import type { ProjectSummary } from "@inlet/contracts";
import { Stack, Text } from "@mantine/core";
import { IconFolders, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { projectsQuery } from "../../api/projects.ts";
import { useMay } from "../../api/session.ts";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { ButtonLink, PageLink } from "../../parts/links.tsx";
import { Page } from "../../parts/page.tsx";
import { ProjectMark } from "../../parts/project-mark.tsx";
import { Failure, Nothing, Waiting } from "../../parts/states.tsx";

const column = columnsOf<ProjectSummary>();

const COLUMNS = [
  column.display({
    id: "name",
    header: "Project",
    meta: { grow: true },
    cell: ({ row: { original } }) => (
      <Stack gap={0}>
        <PageLink
          to="/projects/$client/$project"
          params={{ client: original.client, project: original.project }}
          c="inherit"
          fw={560}
        >
          {original.title ?? original.project}
        </PageLink>
        <Text fz="sm" c="var(--quiet)">
          {original.client}/{original.project}
        </Text>
      </Stack>
    ),
  }),
  column.accessor("state", { header: "State", cell: ({ getValue }) => <ProjectMark state={getValue()} /> }),
  column.accessor("source", {
    header: "Files come by",
    meta: { from: "md" },
    cell: ({ getValue }) => (
      <span style={{ whiteSpace: "nowrap" }}>{getValue() === "gateway" ? "SFTP and upload" : "Fetched by SFTP"}</span>
    ),
  }),
  column.accessor("tables", {
    header: "Tables",
    meta: { from: "sm" },
    cell: ({ getValue }) => <span style={{ whiteSpace: "nowrap" }}>{tableNames(getValue())}</span>,
  }),
];

/** The first names, and how many more there are. */
function tableNames(tables: ProjectSummary["tables"]): string {
  const names = tables.slice(0, NAMED_TABLES).map(({ name }) => name);
  const more = tables.length - names.length;
  return more > 0 ? `${names.join(", ")} and ${more} more` : names.join(", ");
}

const NAMED_TABLES = 3;

/** The projects of all clients that whoever is signed in may see. */
export function ProjectsPage() {
  const projects = useQuery(projectsQuery);
  const may = useMay();
  const navigate = useNavigate();
  const setUp = may("configure") && (
    <ButtonLink to="/set-up" leftSection={<IconPlus size={16} aria-hidden />}>
      Set up a project
    </ButtonLink>
  );
  return (
    <Page
      title="Projects"
      lead="Each is one integration of one client: its folders, tables, schedule and people."
      actions={setUp}
    >
      {projects.isPending && <Waiting />}
      {projects.isError && <Failure error={projects.error} retry={() => void projects.refetch()} />}
      {projects.data?.length === 0 && (
        <Nothing icon={<IconFolders size={22} />} title="No projects yet" action={setUp}>
          Setting one up takes a few minutes: who, what the files hold, when, and whom to tell.
        </Nothing>
      )}
      {projects.data !== undefined && projects.data.length > 0 && (
        <DataTable
          caption="Projects"
          columns={COLUMNS}
          rows={projects.data}
          rowId={({ client, project }) => `${client}/${project}`}
          onOpen={({ client, project }) =>
            void navigate({ to: "/projects/$client/$project", params: { client, project } })
          }
        />
      )}
    </Page>
  );
}
