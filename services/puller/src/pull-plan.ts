import type { ItemFields } from "@inlet/connectors";
import { jsonPathNames, jsonPathOf, monitoringOf, type Profile, type Pull, type System } from "@inlet/contracts";
import { askedOf } from "@inlet/pipeline";

/** All that is to be known of one table's pull, from its profile. */
export interface PullPlan {
  system: System;
  pull: Pull;
  /** The first line of the file: the columns' labels. */
  header: Buffer;
  /** The columns' labels, in their order. */
  labels: readonly string[];
  fields: ItemFields;
  /** Where the columns lie in an item, and which of them are the key. */
  paths: readonly string[];
  key: readonly string[];
  hasKey: boolean;
  monitored: boolean;
  /** What is asked, as a digest: a cursor counts for the same question alone. */
  asks: string;
  /** The table's own limits. */
  mostBytes: number;
}

/** What a profile says of a table's pull. Undefined: it pulls no such table (any more). */
export function pullPlan(profile: Profile, tableName: string): PullPlan | undefined {
  const { source } = profile;
  const table = profile.tables.find(({ name }) => name === tableName);
  if (source.kind !== "pull" || table === undefined) return undefined;
  const { system } = source;
  const pull = source.pulls.find((each) => each.table === tableName);
  if (pull === undefined) return undefined;
  const labels = table.columns.map(({ name, header }) => header ?? name);
  // A label may have a dot in it, a path in a profile has one between names.
  const paths = table.columns.map(({ name }, at) => pull.fields[name] ?? jsonPathOf([labels[at]!]));
  const keyCells = table.key.map((name) => table.columns.findIndex((column) => column.name === name));
  const { incremental } = pull;
  return {
    ...{ system, pull, labels, paths },
    header: Buffer.from(`${labels.map(csvCell).join(",")}\n`),
    fields: {
      cells: paths.map(jsonPathNames),
      key: keyCells,
      ...(incremental && { by: { path: jsonPathNames(incremental.by), kind: incremental.kind } }),
    },
    key: keyCells.map((cell) => paths[cell]!),
    hasKey: keyCells.length > 0,
    monitored: monitoringOf(profile).enabled,
    asks: askedOf({ system, pull }),
    mostBytes: table.limits.totalBytes,
  };
}

function csvCell(text: string): string {
  return /[",\r\n]|^\s|\s$|^$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
