import type { Profile } from "@inlet/contracts";
import { Code, Stack } from "@mantine/core";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { projectsQuery } from "../../api/projects.ts";
import { useMay } from "../../api/session.ts";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { Facts } from "../../parts/facts.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Section } from "../../parts/section.tsx";
import { ProjectCatalogs } from "../catalogs/project-catalogs.tsx";
import classes from "./overview-page.module.css";
import { type ProjectPath, profileQuery } from "./project-queries.ts";
import { RehearsalSection } from "./rehearsal-section.tsx";
import { ScheduleSection } from "./schedule-section.tsx";

const route = getRouteApi("/signed-in/projects/$client/$project");
type Table = Profile["tables"][number];
const column = columnsOf<Table>();

const MODES: Readonly<Record<string, string>> = {
  append: "Rows are added",
  replace: "All rows are replaced",
  upsert: "Rows are changed by their key",
};

/** A project at a glance: whether it is live, when it runs, where its files go. */
export function OverviewPage() {
  const path = route.useParams();
  const { data } = useSuspenseQuery(profileQuery(path));
  const projects = useQuery(projectsQuery);
  const summary = projects.data?.find(({ client, project }) => client === path.client && project === path.project);
  const may = useMay();
  const { profile } = data;
  const { source } = profile;
  const resources =
    source.kind === "pull" ? new Map(source.pulls.map((pull) => [pull.table, pull.resource])) : undefined;
  const columns = [
    column.accessor("name", {
      header: "Table",
      cell: ({ getValue }) =>
        may("files") ? (
          <PageLink
            to="/tables/$client/$project/$table"
            params={{ ...path, table: getValue() }}
            c="inherit"
            fw={560}
            title={`Rows of ${getValue()}`}
          >
            {getValue()}
          </PageLink>
        ) : (
          <b>{getValue()}</b>
        ),
    }),
    column.accessor("files", {
      header: resources === undefined ? "Files are called" : "Pulled from, or files called",
      meta: { grow: true },
      cell: ({ row: { original } }) => <Code>{resources?.get(original.name) ?? original.files.join(", ")}</Code>,
    }),
    column.accessor("mode", {
      header: resources === undefined ? "A new file" : "A new pull",
      meta: { from: "sm" },
      cell: ({ getValue }) => MODES[getValue()],
    }),
    column.accessor("columns", {
      header: "Columns",
      meta: { align: "end", from: "sm" },
      cell: ({ getValue }) => getValue().length,
    }),
    column.display({
      id: "upload",
      header: () => <span className="only-for-readers">Upload</span>,
      meta: { align: "end" },
      cell: ({ row: { original } }) =>
        may("send") && (
          <PageLink to="/upload" search={{ service: `${path.client}/${path.project}/${original.name}` }}>
            Upload
          </PageLink>
        ),
    }),
  ];
  return (
    <div className={classes.columns}>
      <Stack gap="lg" className={classes.main}>
        <RehearsalSection path={path} />
        <ScheduleSection path={path} />
        <Section title="Tables" flush>
          <DataTable
            caption="Tables of this project"
            columns={columns}
            rows={profile.tables}
            rowId={({ name }) => name}
          />
        </Section>
        {profile.catalogs.length > 0 && <ProjectCatalogs path={path} />}
      </Stack>
      <Section title="Facts">
        <Facts
          of={[
            [
              "Pulled from",
              source.kind !== "pull" ? undefined : (
                <PageLink key="pulls" to="/projects/$client/$project/pulls" params={path}>
                  {new URL(source.system.url).host}
                </PageLink>
              ),
            ],
            ["Uploads", summary?.uploads ?? undefined],
            ["Downloads", summary?.downloads ?? undefined],
            [
              "Personal links",
              <ToSection key="links" path={path} hash="links">
                {profile.links === undefined ? "No" : "Yes"}
              </ToSection>,
            ],
            [
              "E-mails go to",
              <ToSection key="recipients" path={path} hash="recipients">
                {profile.notify.recipients.join(", ") || "Nobody"}
              </ToSection>,
            ],
            [
              "Import monitoring",
              <ToSection key="monitoring" path={path} hash="monitoring">
                {(profile.monitoring?.enabled ?? (profile.monitoring !== undefined || source.kind === "pull"))
                  ? "On"
                  : "Off"}
              </ToSection>,
            ],
            [
              "Files are kept",
              <ToSection key="retention" path={path} hash="retention">
                {profile.retention === undefined ? "For ever" : `${profile.retention.batchDays} days`}
              </ToSection>,
            ],
            ["Files by e-mail", profile.email === undefined ? "No" : "Yes"],
            [
              "Webhooks",
              <PageLink key="webhooks" to="/webhooks" search={{ client: path.client }}>
                Of {path.client}
              </PageLink>,
            ],
            [
              "Profile",
              <PageLink
                key="profile"
                to="/projects/$client/$project/profile"
                params={path}
                search={{ view: "history" as const }}
              >
                Version {data.version}, by {data.appliedBy}
              </PageLink>,
            ],
          ]}
        />
      </Section>
    </div>
  );
}

/** What the profile says, with the way to where it is changed. */
function ToSection({ path, hash, children }: { path: ProjectPath; hash: string; children: ReactNode }) {
  return (
    <PageLink to="/projects/$client/$project/profile" params={path} hash={hash}>
      {children}
    </PageLink>
  );
}
