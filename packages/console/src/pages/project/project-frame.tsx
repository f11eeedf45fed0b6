import type { Profile } from "@inlet/contracts";
import { Group, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi, Link, Outlet } from "@tanstack/react-router";
import { useMay } from "../../api/session.ts";
import { ButtonLink, PageLink } from "../../parts/links.tsx";
import { Page } from "../../parts/page.tsx";
import classes from "./project-frame.module.css";
import { profileQuery } from "./project-queries.ts";

const route = getRouteApi("/signed-in/projects/$client/$project");

const TABS = [
  { to: "/projects/$client/$project", label: "Overview", access: "read" },
  { to: "/projects/$client/$project/pulls", label: "Pulls", access: "read", of: "pull" },
  { to: "/projects/$client/$project/results", label: "Results", access: "read", of: "links" },
  { to: "/projects/$client/$project/profile", label: "Profile", access: "read" },
  { to: "/projects/$client/$project/storyboard", label: "Storyboard", access: "read" },
  { to: "/projects/$client/$project/access", label: "Logins", access: "oversee" },
  { to: "/projects/$client/$project/keys", label: "Keys", access: "read" },
  { to: "/projects/$client/$project/recipients", label: "Forget", access: "operate" },
] as const;

/** A page that is about pulls alone, or links, is there where the project has those. */
function isOf(tab: (typeof TABS)[number], { source, links }: Pick<Profile, "source" | "links">): boolean {
  if (!("of" in tab)) return true;
  return tab.of === "pull" ? source.kind === "pull" : links !== undefined;
}

/** What stands above all pages of a project: its name, and the way to each. */
export function ProjectFrame() {
  const path = route.useParams();
  const { data } = useSuspenseQuery(profileQuery(path));
  const may = useMay();
  const { client, project } = path;
  return (
    <Page
      title={data.profile.title ?? project}
      crumbs={[
        <PageLink key="projects" to="/projects">
          Projects
        </PageLink>,
        <span key="client">{client}</span>,
      ]}
      lead={
        <Group gap="md">
          <span>
            {client}/{project}
          </span>
          <Text span fz="sm">
            Profile version {data.version}
          </Text>
        </Group>
      }
      actions={
        <>
          <ButtonLink to="/activity" search={{ client, project }} variant="default">
            Activity
          </ButtonLink>
          {may("send") && (
            <ButtonLink to="/upload" search={{ service: `${client}/${project}/${data.profile.tables[0]?.name ?? ""}` }}>
              Upload
            </ButtonLink>
          )}
        </>
      }
    >
      <nav className={classes.tabs} aria-label="Pages of this project">
        {TABS.filter((tab) => may(tab.access) && isOf(tab, data.profile)).map(({ to, label }) => (
          <Link
            key={to}
            to={to}
            params={path}
            className={classes.tab}
            activeOptions={{ exact: true, includeSearch: false }}
            activeProps={{ "data-active": true, "aria-current": "page" }}
          >
            {label}
          </Link>
        ))}
      </nav>
      <Outlet />
    </Page>
  );
}
