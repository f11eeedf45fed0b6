import type { Problem, Profile, Table } from "@inlet/contracts";

const PLACEHOLDER = /\{([^{}]*)\}/g;
const FILE_PLACEHOLDERS = ["table", "client", "project", "date", "timestamp", "ext"];

/** What the schema alone cannot see: zones that do not exist, placeholders and columns that mean nothing. */
export function profileProblems(profile: Profile): Problem[] {
  return [
    ...profile.tables.flatMap((table, index) => tableProblems(table, ["tables", index])),
    ...pageProblems(profile),
  ];
}

function tableProblems(table: Table, path: Problem["path"]): Problem[] {
  const problems: Problem[] = [];
  table.files.forEach((pattern, index) => {
    for (const [whole, name] of pattern.matchAll(PLACEHOLDER)) {
      if (FILE_PLACEHOLDERS.includes(name!)) continue;
      const known = FILE_PLACEHOLDERS.map((each) => `{${each}}`).join(", ");
      problems.push({ path: [...path, "files", index], message: `${whole} is no placeholder; there are ${known}` });
    }
  });
  table.columns.forEach((column, index) => {
    if (!isTimeZone(column.timezone)) {
      problems.push({
        path: [...path, "columns", index, "timezone"],
        message: `${column.timezone} is no IANA time zone such as Europe/Berlin`,
      });
    }
  });
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

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
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
export function secretsOf(profile: Profile): string[] {
  const servers = [
    profile.source.kind === "sftp" ? profile.source.server : undefined,
    profile.delivery?.to === "sftp" ? profile.delivery.server : undefined,
  ];
  return [...new Set(servers.flatMap((server) => (server === undefined ? [] : [server.secret])))];
}
