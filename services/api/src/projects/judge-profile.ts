import type { Problem, Profile } from "@inlet/contracts";
import {
  type ClientRelation,
  clientTable,
  describeClientTable,
  type Executor,
  type LiveProject,
  listPgpKeys,
  liveProjects,
  secretNames,
  type Tx,
} from "@inlet/database";
import { folderClashes, missingKeys, profileProblems, secretsOf } from "./profile-checks.ts";
import { tableChanges } from "./table-changes.ts";

/** Which project an address names. */
interface ProjectPath {
  client: string;
  project: string;
}

/** What is wrong in a profile by itself, and with it at this address. */
export function mistakesOf(profile: Profile, { client, project }: ProjectPath): Problem[] {
  const problems = profileProblems(profile);
  if (profile.client !== client) problems.push({ path: ["client"], message: `must be ${client}, as in the address` });
  if (profile.project !== project)
    problems.push({ path: ["project"], message: `must be ${project}, as in the address` });
  return problems;
}

/** The project as it is, and the client's others. */
export async function projectAmongOthers(
  executor: Executor,
  { client, project }: ProjectPath,
): Promise<{ live: LiveProject | undefined; siblings: Profile[] }> {
  const projects = (await liveProjects(executor)).filter((each) => each.client === client);
  return {
    live: projects.find((each) => each.project === project),
    siblings: projects.filter((each) => each.project !== project).map(({ profile }) => profile),
  };
}

/** What stands against a profile in the hub: other projects' folders, and the rows that are there. */
export async function obstaclesOf(
  tx: Tx,
  profile: Profile,
  siblings: readonly Profile[],
): Promise<{ clashes: Problem[]; changes: Problem[] }> {
  const clashes = folderClashes(profile, siblings);
  return { clashes, changes: tableChanges(profile, await existingTables(tx, profile)) };
}

/** What does not stop a profile and still asks for attention: secrets and keys that are not there yet. */
export async function warningsOf(
  executor: Executor,
  profile: Profile,
  projectId: number | undefined,
): Promise<string[]> {
  const { client } = profile;
  const stored = await secretNames(executor, client);
  const keys = projectId === undefined ? [] : await listPgpKeys(executor, projectId);
  return [
    ...secretsOf(profile)
      .filter((name) => !stored.includes(name))
      .map((name) => `The secret ${name} is not stored yet: inlet secret set ${client} ${name}`),
    ...missingKeys(profile, keys, new Date()),
  ];
}

/** The profile's tables that PostgreSQL has already. */
async function existingTables(tx: Tx, { client, project, tables }: Profile): Promise<Map<string, ClientRelation>> {
  const existing = new Map<string, ClientRelation>();
  for (const { name } of tables) {
    const relation = await describeClientTable(tx, clientTable(client, project, name));
    if (relation !== undefined) existing.set(name, relation);
  }
  return existing;
}
