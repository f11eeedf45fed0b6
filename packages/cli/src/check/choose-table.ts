import { expectedFileNames, matchFile, type Profile, type Table } from "@inlet/contracts";
import { EXIT } from "../exit-codes.ts";
import { CliFailure } from "../failure.ts";

/**
 * The table of a profile that a file is held against: the one that is named; or the only one; or the one that takes files of
 * this name.
 * @throws CliFailure naming the tables there are
 */
export function chooseTable(profile: Profile, name: string | undefined, fileName: string): Table {
  const { tables } = profile;
  const names = tables.map((table) => table.name).join(", ");
  if (name !== undefined) {
    const table = tables.find((candidate) => candidate.name === name);
    if (table === undefined) {
      throw new CliFailure(EXIT.usage, "table_unknown", `The profile has no table ${name}; it has ${names}.`);
    }
    return table;
  }
  if (tables.length === 1) return tables[0]!;
  const match = matchFile(profile, fileName);
  if (match === undefined) {
    throw new CliFailure(
      EXIT.usage,
      "table_unclear",
      `No table of the profile takes a file of this name (${expectedFileNames(profile)}). Say which one it is: --table ${tables[0]!.name}; there are ${names}.`,
    );
  }
  return tables.find((table) => table.name === match.table)!;
}
