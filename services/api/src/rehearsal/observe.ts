import type { Profile } from "@inlet/contracts";
import {
  clientTable,
  downloadsOf,
  type Executor,
  type ProjectStanding,
  refusalsOf,
  refusedMailOf,
  rehearsedBatches,
  resultsTakenOf,
  sendersOf,
  unmadeTables,
} from "@inlet/database";
import type { Observed } from "./observed.ts";

/** Of refusals the newest say what is wrong. */
const REFUSALS_READ = 20;

interface Rehearsing {
  projectId: number;
  clientId: number;
  profile: Profile;
  profileVersion: number;
  standing: ProjectStanding;
}

/** Gathers what was seen of a project's rehearsal: batches and their stories, and the audit of the gateway and the API. */
export async function observe(
  executor: Executor,
  { projectId, clientId, profile, profileVersion, standing }: Rehearsing,
): Promise<Observed> {
  const since = standing.rehearsalAt ?? new Date();
  const batches = await rehearsedBatches(executor, { projectId, after: standing.rehearsalAfter });
  const arrivalIds = batches.flatMap(({ arrival }) => (arrival ? [arrival.id] : []));
  const senders = arrivalIds.length === 0 ? [] : await sendersOf(executor, arrivalIds);
  const paths = batches.flatMap(({ deliveries }) => deliveries.map(({ path }) => path));
  const downloads = paths.length === 0 ? [] : await downloadsOf(executor, { paths, since });
  const batchIds = batches.map(({ batchId }) => batchId);
  const taken = batches.length === 0 ? [] : await resultsTakenOf(executor, { batchIds, since });
  return {
    profile,
    profileVersion: standing.state === "live" ? null : profileVersion,
    batches: batches.map((batch) => ({
      ...batch,
      sender: senders.find(({ arrivalId }) => arrivalId === batch.arrival?.id),
      takenWith: taken.find(({ batchId }) => batchId === batch.batchId)?.actor,
      downloads: downloads.filter(({ path }) => batch.deliveries.some((delivery) => delivery.path === path)),
    })),
    refusals:
      batches.length > 0
        ? []
        : await refusalsOf(executor, { clientId, project: profile.project, since, limit: REFUSALS_READ }),
    refusedMail: batches.length > 0 ? undefined : await refusedMailOf(executor, { projectId, since }),
    unmadeTables: await unmadeOf(executor, profile),
  };
}

/** Of the tables that others refer to those that are not there, or not with what is referred to. */
async function unmadeOf(executor: Executor, { client, project, tables }: Profile): Promise<Set<string>> {
  const referred = tables.flatMap(({ rules }) =>
    rules.flatMap((rule) =>
      rule.rule === "references" ? [{ table: rule.table, columns: rule.to ?? rule.columns }] : [],
    ),
  );
  if (referred.length === 0) return new Set();
  const relationOf = (table: string) => clientTable(client, project, table);
  const asked = referred.map(({ table, columns }) => ({ ...relationOf(table), columns }));
  const unmade = new Set((await unmadeTables(executor, asked)).map(({ name }) => name));
  return new Set(referred.map(({ table }) => table).filter((table) => unmade.has(relationOf(table).name)));
}
