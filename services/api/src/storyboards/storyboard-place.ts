import type { Profile, StoryboardColumn } from "@inlet/contracts";
import { type Database, type Executor, findProject } from "@inlet/database";
import type { FastifyRequest } from "fastify";
import { callerOf } from "../access.ts";
import { noProject } from "../projects/project-routes.ts";

/** The project whose storyboard an address names. */
export interface StoryboardPlace {
  client: string;
  project: string;
  clientId: number;
  projectId: number;
  profile: Profile;
}

/** The project that a request names, if its caller may see it. @throws Refusal `project_not_found` */
export async function storyboardPlace(
  executor: Executor | Database,
  request: FastifyRequest<{ Params: { client: string; project: string } }>,
): Promise<StoryboardPlace> {
  const { client, project } = request.params;
  const found = await findProject(executor, { client, project, scope: callerOf(request).scope });
  if (found === undefined) throw noProject(client, project);
  const { clientId, projectId, profile } = found;
  return { client, project, clientId, projectId, profile };
}

/** The columns of all of a project's tables, in their order; one that several have is one. */
export function columnsOf({ tables }: Pick<Profile, "tables">): StoryboardColumn[] {
  const columns = new Map<string, StoryboardColumn>();
  for (const table of tables) {
    for (const { name, type } of table.columns) {
      const known = columns.get(name);
      if (known === undefined) columns.set(name, { name, type, tables: [table.name] });
      else known.tables.push(table.name);
    }
  }
  return [...columns.values()];
}
