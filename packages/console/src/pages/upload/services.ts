import type { ProjectSummary } from "@inlet/contracts";
import { exampleName } from "../../parts/example-name.ts";

/** What a file can be uploaded for: one table of one project. */
export interface Service {
  /** `client/project/table`, as in the address. */
  key: string;
  client: string;
  project: string;
  table: string;
  /** The project, as people call it. */
  projectTitle: string;
  description: string | null;
  /** How its files are called, as examples. */
  files: readonly string[];
  rehearsal: boolean;
}

/** The services of some projects, by project and table. */
export function servicesOf(projects: readonly ProjectSummary[]): Service[] {
  return projects.flatMap(({ client, project, title, tables, state }) =>
    tables.map(({ name, files, description }) => ({
      key: `${client}/${project}/${name}`,
      client,
      project,
      table: name,
      projectTitle: title ?? `${client}/${project}`,
      description,
      files: files.map((pattern) => exampleName(pattern, { client, project, table: name })),
      rehearsal: state === "rehearsal",
    })),
  );
}

/** The services in which every word of a search occurs. */
export function findServices(services: readonly Service[], search: string): Service[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return services.filter(({ key, projectTitle, description, files }) => {
    const text = `${key} ${projectTitle} ${description ?? ""} ${files.join(" ")}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
