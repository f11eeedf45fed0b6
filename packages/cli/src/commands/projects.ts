import type { ProjectSummary } from "@inlet/contracts";
import { type GlobalOptions, openSession } from "../session.ts";
import { type Column, renderTable } from "../table.ts";

/** Lists the projects. */
export async function projects(options: GlobalOptions): Promise<void> {
  const { api, out, result } = await openSession(options);
  const found = await api.projects();
  const columns: Column<ProjectSummary>[] = [
    {
      title: "PROJECT",
      text: ({ client, project }) => `${client}/${project}`,
      paint: (_, cell) => out.paint("bold", cell),
    },
    { title: "TITLE", text: ({ title }) => title ?? "" },
    {
      title: "STATE",
      text: ({ state }) => state,
      paint: ({ state }, cell) => out.paint(state === "live" ? "green" : "yellow", cell),
    },
    { title: "VERSION", text: ({ profileVersion }) => String(profileVersion), align: "right" },
    { title: "UPLOADS", text: ({ uploads, source }) => uploads ?? source },
    { title: "DOWNLOADS", text: ({ downloads }) => downloads ?? "" },
    { title: "TABLES", text: ({ tables }) => tables.map(({ name }) => name).join(" "), flexible: true },
  ];
  if (found.length === 0) out.line("No projects. `inlet apply -f profile.yaml` makes one.");
  else for (const line of renderTable(found, columns, out)) out.line(line);
  result({ projects: found });
}
