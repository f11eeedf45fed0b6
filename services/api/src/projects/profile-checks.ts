import { type Column, Misconfigured, type Problem, type Profile, type Table } from "@inlet/contracts";
import type { PgpKeyRow } from "@inlet/database";
import { controlProblems, planColumns, ruleProblems } from "@inlet/delimited";
import { scheduleProblems } from "../runs/schedule-checks.ts";
import { pullProblems, systemSecrets } from "./pull-checks.ts";

/** What the schema alone cannot see: patterns, formats and zones that do not work, and columns that are not there. */
export function profileProblems(profile: Profile): Problem[] {
  return [
    ...profile.tables.flatMap((table, index) => tableProblems(table, ["tables", index])),
    ...pageProblems(profile),
    ...scheduleProblems(profile),
    ...pullProblems(profile),
  ];
}

function tableProblems(table: Table, path: Problem["path"]): Problem[] {
  const problems: Problem[] = [];
  table.columns.forEach((column, index) => {
    const problem = columnProblem(column);
    if (problem !== undefined) problems.push({ ...problem, path: [...path, "columns", index, ...problem.path] });
  });
  for (const { message, path: inTable } of [...ruleProblems(table), ...controlProblems(table)]) {
    problems.push({ message, path: [...path, ...inTable] });
  }
  return problems;
}

/** A landing page names columns of the profile's tables. */
function pageProblems({ links, tables }: Profile): Problem[] {
  if (links === undefined) return [];
  const columns = new Set(tables.flatMap((table) => table.columns.map((column) => column.name)));
  const unknown = (column: string) => `${column} is no column of this profile's tables`;
  const problems: Problem[] = [];
  links.page.fields.forEach(({ column }, index) => {
    if (!columns.has(column)) {
      problems.push({ path: ["links", "page", "fields", index, "column"], message: unknown(column) });
    }
  });
  for (const key of ["title", "text"] as const) {
    for (const [, name] of links.page[key].matchAll(/\{\{([^{}]*)\}\}/g)) {
      if (!columns.has(name!.trim())) problems.push({ path: ["links", "page", key], message: unknown(name!.trim()) });
    }
  }
  return problems;
}

/** The setting of a column that each of the check's refusals is about. */
const SETTING_OF: Readonly<Record<string, string>> = {
  date_format_invalid: "format",
  pattern_invalid: "pattern",
  scale_invalid: "scale",
  timezone_unknown: "timezone",
};

/** Asks the check itself whether it can use a column: its format, zone, pattern and bounds. */
function columnProblem(column: Column): Problem | undefined {
  try {
    planColumns({ columns: [column], key: [] });
    return undefined;
  } catch (error) {
    if (!(error instanceof Misconfigured)) throw error;
    const setting = SETTING_OF[error.code];
    return { path: setting === undefined ? [] : [setting], message: error.message };
  }
}

/**
 * Where a profile's folders clash with those of the same client's other projects: an Uploads folder belongs to one
 * project, and nothing is delivered into it. Compared without regard to case, because people read it so.
 */
export function folderClashes(profile: Profile, others: readonly Profile[]): Problem[] {
  const problems: Problem[] = [];
  const uploads = profile.folders?.uploads;
  const downloads = profile.folders?.downloads;
  for (const { project, folders } of others) {
    if (same(uploads, folders?.uploads)) {
      problems.push({
        path: ["folders", "uploads"],
        message: `${uploads} is the Uploads folder of project ${project}`,
      });
    }
    if (same(uploads, folders?.downloads)) {
      problems.push({
        path: ["folders", "uploads"],
        message: `${uploads} is the Downloads folder of project ${project}`,
      });
    }
    if (same(downloads, folders?.uploads)) {
      problems.push({
        path: ["folders", "downloads"],
        message: `${downloads} is the Uploads folder of project ${project}`,
      });
    }
  }
  return problems;
}

function same(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && one.toLowerCase() === other?.toLowerCase();
}

/** The secrets that a profile names. */
export function secretsOf({ source, incoming, email, delivery, catalogs }: Profile): string[] {
  const named = [
    source.kind === "sftp" ? source.server.secret : undefined,
    ...(source.kind === "pull" ? systemSecrets(source.system) : []),
    delivery?.to === "sftp" ? delivery.server.secret : undefined,
    incoming.zip.password,
    delivery?.wrap.as === "zip" ? delivery.wrap.password : undefined,
    email?.mailbox?.secret,
    ...catalogs.flatMap(({ subscribers }) => subscribers.flatMap(({ secrets }) => Object.values(secrets))),
  ];
  return [...new Set(named.filter((name) => name !== undefined))];
}

/** What is asked of an OpenPGP key here. */
type UsableKey = Pick<PgpKeyRow, "owner" | "state" | "canEncrypt" | "canSign" | "expiresAt">;

/** The OpenPGP keys that a profile needs and that are not there, in sentences with what to do. */
export function missingKeys(profile: Profile, keys: readonly UsableKey[], now: Date): string[] {
  const { client, project, incoming, delivery } = profile;
  const has = (owner: UsableKey["owner"], use: "canEncrypt" | "canSign") =>
    keys.some(
      (key) =>
        key.owner === owner &&
        key.state === "active" &&
        key[use] &&
        (key.expiresAt === null || key.expiresAt.getTime() > now.getTime()),
    );
  const wrap = delivery?.wrap.as === "pgp" ? delivery.wrap : undefined;
  const ours = [
    incoming.pgp === "require" && !has("ours", "canEncrypt") ? "the client cannot encrypt its files" : "",
    wrap?.sign && !has("ours", "canSign") ? "results cannot be signed" : "",
  ].filter((lack) => lack !== "");
  const theirs = [
    incoming.signature === "require" && !has("theirs", "canSign") ? "signatures cannot be verified" : "",
    wrap && !has("theirs", "canEncrypt") ? "results cannot be encrypted" : "",
  ].filter((lack) => lack !== "");
  const where = `--project ${client}/${project}`;
  const warnings: string[] = [];
  if (ours.length > 0) {
    warnings.push(
      `There is no valid OpenPGP key of ours: ${ours.join(", and ")}. Make one: inlet keys generate ${where}`,
    );
  }
  if (theirs.length > 0) {
    warnings.push(
      `There is no valid OpenPGP key of the client's: ${theirs.join(", and ")}. Import one: inlet keys import FILE ${where}`,
    );
  }
  return warnings;
}
