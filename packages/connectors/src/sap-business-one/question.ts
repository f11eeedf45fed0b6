// What is asked, in OData's words. Dates and times are written as text in quotes, which the Service Layer reads in both of its
// versions; `datetime'…'` is OData 3's alone.
import { jsonPathNames, Misconfigured, type Pull } from "@inlet/contracts";
import { type EntityKey, literal } from "./entity-key.ts";

const FIELD_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The fields of an item at its top, where these paths begin. @throws Misconfigured when one can be no field of SAP's */
export function topFields(paths: readonly string[], resource: string): string[] {
  const names = paths.map((path) => {
    const [name = ""] = jsonPathNames(path);
    if (FIELD_NAME.test(name)) return name;
    throw new Misconfigured({
      code: "system_field_unknown",
      message: `${resource} can have no field named ${JSON.stringify(name.slice(0, 100))}. Say under the pull's \`fields\` where each column's value lies.`,
      context: { resource },
    });
  });
  return [...new Set(names)];
}

/** Where an item says when it was changed: a date, and with most entities the time of that day beside it. */
export interface ChangeStamp {
  date: string;
  /** Absent: the entity has none, and changes are told apart by their day. */
  time?: { name: string; isNumber: boolean };
}

/**
 * The stamp whose date is `name`, as this item has it: `UpdateDate` goes with `UpdateTime` (10:20:30), in views and queries also
 * with `UpdateTS` (102030).
 */
export function changeStamp(name: string, item: Readonly<Record<string, unknown>>): ChangeStamp {
  const stem = /^(.*)Date$/.exec(name)?.[1];
  for (const sibling of stem === undefined ? [] : [`${stem}Time`, `${stem}TS`]) {
    const value = item[sibling];
    if (typeof value === "string" && /^\d\d:\d\d:\d\d$/.test(value))
      return { date: name, time: { name: sibling, isNumber: false } };
    if (typeof value === "number" && sibling.endsWith("TS"))
      return { date: name, time: { name: sibling, isNumber: true } };
  }
  return { date: name };
}

/** What changed at that moment or later, as one condition. */
export function changedSince({ date, time }: ChangeStamp, since: Moment): string {
  const day = literal(since.day, false);
  if (time === undefined || since.time === "00:00:00") return `${date} ge ${day}`;
  const moment = time.isNumber ? String(Number(since.time.replaceAll(":", ""))) : literal(since.time, false);
  return `(${date} gt ${day} or (${date} eq ${day} and ${time.name} ge ${moment}))`;
}

/** A moment by the clock of the ERP: it says dates and times without a zone, whatever letter it puts behind them. */
export interface Moment {
  day: string;
  time: string;
}

/** @throws Misconfigured when it is no time */
export function momentOf(since: string): Moment {
  const [, day, time = "00:00:00"] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?)?$/.exec(since) ?? [];
  if (day !== undefined) return { day, time };
  throw new Misconfigured({
    code: "system_since_unreadable",
    message:
      "What the last pull ended at is no time. Say under the pull's `incremental.by` which field is a date, such as UpdateDate.",
  });
}

interface Known {
  /** An item of the resource; null: it has none. */
  item: Readonly<Record<string, unknown>> | null;
}

/** The condition of an incremental pull; undefined: everything is pulled. */
export function incrementalCondition(
  { incremental, resource }: Pull,
  since: string | null,
  { item }: Known,
): string | undefined {
  if (incremental === undefined || since === null) return undefined;
  const [by = ""] = topFields([incremental.by], resource);
  if (incremental.kind === "key") return `${by} gt ${literal(since, typeof item?.[by] === "number")}`;
  const moment = momentOf(since);
  const changed = changedSince(changeStamp(by, item ?? {}), moment);
  // An item that was made and never changed has no UpdateDate in some versions.
  if (by !== "UpdateDate" || item === null || !("CreateDate" in item)) return changed;
  return `(${changed} or ${changedSince(changeStamp("CreateDate", item), moment)})`;
}

/** All conditions together. */
export function filterOf(conditions: readonly (string | undefined)[]): string | undefined {
  const given = conditions.filter((condition) => condition !== undefined);
  return given.length === 0
    ? undefined
    : given.length === 1
      ? given[0]
      : given.map((each) => `(${each})`).join(" and ");
}

/** The condition of the page after this key. */
export const after = ({ name, isNumber }: EntityKey, value: string): string => `${name} gt ${literal(value, isNumber)}`;

/** With `$` before each option, and everything in them escaped. */
export function queryOf(options: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(options).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0
    ? ""
    : `?${given.map(([name, value]) => `$${name}=${encodeURIComponent(value)}`).join("&")}`;
}
