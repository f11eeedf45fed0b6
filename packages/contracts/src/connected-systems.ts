import type { Catalog } from "./catalog.ts";
import { type Monitoring, monitoringOf } from "./monitoring.ts";
import type { PullSource } from "./pull.ts";
import type { Table } from "./table.ts";

interface Connected {
  source: { kind: string } | PullSource;
  tables: readonly Table[];
  catalogs: readonly Catalog[];
  monitoring?: Monitoring | undefined;
}

interface Problem {
  path: (string | number)[];
  message: string;
}

/** What of a profile's pulls and catalogs does not fit its tables, or itself. */
export function connectedSystemProblems({ source, tables, catalogs, monitoring }: Connected): Problem[] {
  const known = new Map(tables.map((table) => [table.name, table]));
  const pulls =
    source.kind === "pull"
      ? pullProblems(source as PullSource, known, monitoringOf({ source, monitoring }).enabled)
      : [];
  return [...pulls, ...catalogProblems(catalogs, known)];
}

function pullProblems(
  { system, pulls }: PullSource,
  tables: ReadonlyMap<string, Table>,
  isMonitored: boolean,
): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  pulls.forEach((pull, index) => {
    const at = (...path: (string | number)[]) => ["source", "pulls", index, ...path];
    const table = tables.get(pull.table);
    if (table === undefined) {
      problems.push({ path: at("table"), message: `${pull.table} is no table of this profile` });
      return;
    }
    if (seen.has(table.name))
      problems.push({ path: at("table"), message: `table ${table.name} is pulled twice: one pull fills one table` });
    seen.add(table.name);
    for (const name of Object.keys(pull.fields)) {
      if (!table.columns.some((column) => column.name === name))
        problems.push({ path: at("fields", name), message: `${name} is no column of table ${table.name}` });
    }
    if (system.connector === "rest" && pull.rest === undefined)
      problems.push({
        path: at("rest"),
        message: "says how the resource is read: where the items lie, and how one page follows another",
      });
    if (system.connector === "sap_business_one" && pull.rest !== undefined)
      problems.push({ path: at("rest"), message: "is for the connectors `rest` and `intact_iq` alone" });
    if (pull.incremental && table.mode === "replace")
      problems.push({
        path: at("incremental"),
        message: `table ${table.name} is replaced by each pull, so what has not changed would be gone: use mode upsert`,
      });
    if (!pull.incremental && table.mode === "append")
      problems.push({
        path: at("table"),
        message: `table ${table.name} appends what comes, so each pull would double its rows: use mode replace or upsert, or pull incrementally by a key that only grows`,
      });
    if (pull.incremental && pull.rest && pull.rest.since === undefined)
      problems.push({
        path: at("rest", "since"),
        message: "an incremental pull says how it asks for what has changed",
      });
    if (pull.incremental?.kind === "time" && table.mode === "append")
      problems.push({
        path: at("incremental"),
        message: "changes by time come more than once, and appended rows would be doubled: use mode upsert",
      });
    if (!isMonitored) return;
    if (pull.rest && pull.rest.count === undefined)
      problems.push({
        path: at("rest", "count"),
        message: "monitoring compares what came with what the system says it has: say where, or switch monitoring off",
      });
  });
  return problems;
}

function catalogProblems(catalogs: readonly Catalog[], tables: ReadonlyMap<string, Table>): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  const names = new Set<string>();
  catalogs.forEach((catalog, index) => {
    const at = (...path: (string | number)[]) => ["catalogs", index, ...path];
    const table = tables.get(catalog.table);
    if (table === undefined) {
      problems.push({ path: at("table"), message: `${catalog.table} is no table of this profile` });
      return;
    }
    if (seen.has(table.name)) problems.push({ path: at("table"), message: `${table.name} is a catalog already` });
    seen.add(table.name);
    if (table.key.length === 0)
      problems.push({
        path: at("table"),
        message: `table ${table.name} has no key, so nothing says which item is which`,
      });
    if (table.mode === "append")
      problems.push({
        path: at("table"),
        message: `table ${table.name} appends each file's rows: a catalog has one row a key. Use mode upsert or replace`,
      });
    const unknown = (name: string, ...path: (string | number)[]) => {
      if (!table.columns.some((column) => column.name === name))
        problems.push({ path: at(...path), message: `${name} is no column of table ${table.name}` });
    };
    for (const name of Object.keys(catalog.conflicts.fields)) unknown(name, "conflicts", "fields", name);
    catalog.subscribers.forEach((subscriber, place) => {
      for (const name of Object.keys(subscriber.fields ?? {})) unknown(name, "subscribers", place, "fields", name);
      if (names.has(subscriber.name))
        problems.push({ path: at("subscribers", place, "name"), message: `${subscriber.name} is defined twice` });
      names.add(subscriber.name);
      if (!subscriber.outward && subscriber.inward === undefined)
        problems.push({
          path: at("subscribers", place),
          message: "goes neither way: set outward, or say how changes come inward",
        });
    });
  });
  return problems;
}
