import type { RehearsalLine, RehearsalLineId } from "@inlet/contracts";
import { type Observed, stoppedAt, type TableView, type Verdict } from "./observed.ts";
import * as reading from "./reading.ts";
import * as back from "./way-back.ts";
import * as wayIn from "./way-in.ts";

const TITLES: Readonly<Record<RehearsalLineId, string>> = {
  login: "Login",
  address: "Address",
  folder: "Folder",
  file_name: "File name",
  profile: "Profile",
  encryption: "Encryption",
  signature: "Signature",
  zip_password: "ZIP",
  encoding: "Encoding",
  delimiter: "Delimiter",
  header: "Column names",
  types: "Rows",
  counts: "Count",
  references: "References",
  import: "Import",
  result: "Result",
  result_fetched: "Result fetched",
  flag_file: "Flag file",
  error_file: "Error file",
  link_opened: "Link opened",
  email: "E-mail",
  reply: "Reply",
};

/** Says of each thing that was agreed on whether it was seen, out of what was seen. Values in, lines out. */
export function checklist(observed: Observed): RehearsalLine[] {
  const { profile, batches } = observed;
  const newest = batches.at(-1);
  const isOnly = profile.tables.length === 1;
  // What belongs to no table is the only table's, or told by itself; a file of the right name that came later put it right.
  const stray = newest?.tableName === null && !isOnly ? newest : undefined;
  const batchOf = (table: string) => (isOnly ? newest : batches.find(({ tableName }) => tableName === table));
  const line = (id: RehearsalLineId, verdict: Verdict | undefined, table: string | null = null): RehearsalLine[] =>
    verdict === undefined ? [] : [{ id, table, title: TITLES[id], ...verdict }];
  return [
    ...line("login", wayIn.login(observed, newest)),
    ...line("address", wayIn.address(observed, newest)),
    ...line("folder", wayIn.folder(observed, newest)),
    ...(stray ? line(stoppedAt(stray) ?? "file_name", wayIn.strayFile(profile, stray)) : []),
    ...profile.tables.flatMap((table) => {
      const batch = batchOf(table.name);
      const lines = tableLines({ ...observed, table, batch });
      // Of several tables those that nothing has come of say just that.
      const shown = isOnly || batch ? lines : lines.slice(0, 1);
      return shown.flatMap(([id, verdict]) => line(id, verdict, isOnly ? null : table.name));
    }),
    ...line("link_opened", back.linkOpened(observed)),
    ...line("email", back.email(observed)),
    ...line("reply", back.reply(observed)),
  ];
}

function tableLines(view: TableView): [RehearsalLineId, Verdict | undefined][] {
  return [
    ["file_name", wayIn.fileName(view)],
    ["profile", wayIn.currentProfile(view)],
    ["encryption", reading.encryption(view)],
    ["signature", reading.signature(view)],
    ["zip_password", reading.zipPassword(view)],
    ["encoding", reading.encoding(view)],
    ["delimiter", reading.delimiter(view)],
    ["header", reading.header(view)],
    ["types", reading.types(view)],
    ["counts", reading.counts(view)],
    ["references", reading.references(view)],
    ["import", back.importing(view)],
    ["result", back.result(view)],
    ["result_fetched", back.resultFetched(view)],
    ["flag_file", back.flagFile(view)],
    ["error_file", back.errorFile(view)],
  ];
}

/** Whether a project may go live by what was seen. */
export function isPassed(lines: readonly RehearsalLine[]): boolean {
  return lines.length > 0 && lines.every(({ state }) => state !== "red" && state !== "waiting");
}
