import { createHash } from "node:crypto";
import type { Control, Table } from "@inlet/contracts";
import type { IssueLog } from "../issues/issue-log.ts";
import { ExactSum } from "../rules/exact-sum.ts";
import type { ByteSource } from "../scan/source.ts";
import type { ColumnSum } from "./column-sum.ts";
import { normalizedNumber } from "./control-number.ts";
import { firstGroup, totalName } from "./judge-controls.ts";
import type { FoundTrailer } from "./trailer-watch.ts";

/** What the sender says of the file, outside its records; `table.controls` are held against it. */
export interface Claims {
  /** The file's own name, without a folder. Left out: nobody here knows it. */
  name?: string | undefined;
  /** The text of the flag file that came with it; null: there was none. Left out: nobody here knows. */
  flag?: string | null | undefined;
  /**
   * What was declared by API or command line, by name; left out: nobody here knows. `records` is held against the number of
   * records, whether the table names it or not.
   */
  declared?: Readonly<Record<string, string>> | undefined;
  /** The plain file's size and SHA-256 (hexadecimal), where they are known: saves the reading that finds them out. */
  sizeBytes?: number | undefined;
  sha256?: string | undefined;
}

/** What the check found of the whole file. */
export interface FoundTotals {
  records: number;
  sums: readonly ColumnSum[];
  trailer: FoundTrailer | undefined;
}

/** A declared number of records counts without a word in the profile. */
const DECLARED_RECORDS: Control = {
  total: "records",
  from: { place: "declared", name: "records" },
  required: false,
};

/** A longer number of records is none that JavaScript, or any file, holds. */
const MOST_COUNT_DIGITS = 15;

/** A table's control totals, and the one that needs no profile. */
export function controlsOf({ controls }: Pick<Table, "controls">): readonly Control[] {
  const isNamed = controls.some(
    ({ total, from }) => total === "records" && from.place === "declared" && from.name === "records",
  );
  return isNamed ? controls : [...controls, DECLARED_RECORDS];
}

/** The columns whose sums are asked for, each once. */
export function summedColumns({ controls }: Pick<Table, "controls">): string[] {
  return [...new Set(controls.flatMap(({ total }) => (typeof total === "object" ? [total.sum] : [])))];
}

/**
 * Holds what the sender said of the file against what was found; what differs fails the file. Resolves to how many records the
 * sender said there are, what was declared with the file going first; null where it said nothing that can be read.
 */
export async function judgeTotals({
  table,
  claims,
  found,
  source,
  log,
}: {
  table: Table;
  claims: Claims;
  found: FoundTotals;
  source: ByteSource;
  log: IssueLog;
}): Promise<number | null> {
  const counts: { count: number; from: Control["from"] }[] = [];
  for (const control of controlsOf(table)) {
    // A trailer that is missing or broken is a finding of its own.
    if (control.from.place === "trailer" && found.trailer?.cells === undefined) continue;
    const name = totalName(control.total);
    const place = placeOf(control, found);
    const said = whatIsSaid(control, claims, found);
    if (said === "unknown") {
      if (control.required) {
        const message = `The ${name} was not held against ${place.name}, which is not known here.`;
        log.add({ code: "rule_not_checked", severity: "warning", message });
      }
      continue;
    }
    if (said === undefined) {
      if (!control.required) continue;
      const actual = await foundTotal(control, found, claims, source);
      log.add({
        ...place.at,
        code: "control_missing",
        message: `${capital(place.name)} must say the ${name}, but says nothing; ${actual === undefined ? "add it" : `the file holds ${actual}`}. Send the file again with it.`,
      });
      continue;
    }
    const expected = readTotal(control, said, table);
    if (expected === undefined) {
      log.add({
        ...place.at,
        code: "control_unreadable",
        message: `What ${place.name} says of the ${name} cannot be read as one; correct it and send the file again.`,
        value: cut(said),
      });
      continue;
    }
    if (control.total === "records" && expected.length <= MOST_COUNT_DIGITS)
      counts.push({ count: Number(expected), from: control.from });
    const sum = sumOf(control, found);
    if (sum !== undefined && sum.unreadableCount > 0) {
      log.add({
        code: "control_sum_unreadable",
        line: sum.firstUnreadableLine,
        column: sum.plan.column.name,
        message: `The ${name} must be ${expected}, but ${sum.unreadableCount} ${sum.unreadableCount === 1 ? "cell of it cannot" : "cells of it cannot"} be read, the first in line ${sum.firstUnreadableLine}. Mend them and send the whole file again.`,
        value: cut(said),
      });
      continue;
    }
    const actual = await foundTotal(control, found, claims, source);
    if (actual === undefined || isSame(control, expected, actual)) continue;
    log.add({
      ...place.at,
      code: "control_differs",
      message:
        control.total === "records"
          ? `${expected} ${expected === "1" ? "record was" : "records were"} expected, as ${control.from.place === "declared" ? "was declared" : `${place.name} says`}, but ${actual} came. Nothing of the file is imported. Send the whole file again.`
          : `${capital(place.name)} says that the ${name} is ${expected}, but it is ${actual}. Send the whole file again.`,
      column: typeof control.total === "object" ? control.total.sum : null,
      value: cut(said),
    });
  }
  return (counts.find(({ from }) => from.place === "declared") ?? counts[0])?.count ?? null;
}

/** What was said: a text; undefined where nothing was; "unknown" where this caller cannot know. */
function whatIsSaid({ from }: Control, claims: Claims, { trailer }: FoundTotals): string | undefined | "unknown" {
  switch (from.place) {
    case "trailer":
      return nonEmpty(trailer?.cells?.[from.cell - 1]);
    case "name":
      return claims.name === undefined ? "unknown" : nonEmpty(firstGroup(from.pattern, claims.name));
    case "flag":
      if (claims.flag === undefined) return "unknown";
      return claims.flag === null ? undefined : nonEmpty(firstGroup(from.pattern, claims.flag));
    case "declared":
      return claims.declared === undefined ? "unknown" : nonEmpty(claims.declared[from.name]);
  }
}

function placeOf({ from }: Control, { trailer }: FoundTotals) {
  switch (from.place) {
    case "trailer":
      return {
        name: `cell ${from.cell} of the trailer line`,
        at: trailer === undefined ? {} : { line: trailer.line, offset: trailer.offset },
      };
    case "name":
      return { name: "the file's name", at: {} };
    case "flag":
      return { name: "the flag file", at: {} };
    case "declared":
      return { name: `the declared value ${from.name}`, at: {} };
  }
}

/** A total in its canonical form; undefined where the text is none. */
function readTotal({ total }: Control, said: string, { columns }: Table): string | undefined {
  const text = said.trim();
  if (total === "sha256") return /^[0-9a-f]{64}$/i.test(text) ? text.toLowerCase() : undefined;
  if (typeof total === "string") return /^\d{1,30}$/.test(text) ? text.replace(/^0+(?=\d)/, "") : undefined;
  return normalizedNumber(text, columns.find(({ name }) => name === total.sum)?.decimalSeparator ?? ".");
}

async function foundTotal(
  { total }: Control,
  { records, sums }: FoundTotals,
  { sizeBytes, sha256 }: Claims,
  source: ByteSource,
): Promise<string | undefined> {
  switch (total) {
    case "records":
      return String(records);
    case "bytes":
      return String(sizeBytes ?? (await measure(source)).sizeBytes);
    case "sha256":
      return sha256?.toLowerCase() ?? (await measure(source)).sha256;
    default: {
      const sum = sums.find(({ plan }) => plan.column.name === total.sum);
      return sum === undefined || sum.unreadableCount > 0 ? undefined : sum.sum.toString();
    }
  }
}

function sumOf({ total }: Control, { sums }: FoundTotals): ColumnSum | undefined {
  return typeof total === "object" ? sums.find(({ plan }) => plan.column.name === total.sum) : undefined;
}

function isSame({ total }: Control, expected: string, actual: string): boolean {
  if (typeof total === "string") return expected === actual;
  const difference = new ExactSum();
  difference.addText(expected);
  difference.addText(actual, -1);
  return difference.isWithin(new ExactSum());
}

async function measure(source: ByteSource): Promise<{ sizeBytes: number; sha256: string }> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  for await (const chunk of source.open()) {
    hash.update(chunk);
    sizeBytes += chunk.length;
  }
  return { sizeBytes, sha256: hash.digest("hex") };
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === "" ? undefined : text;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function cut(text: string): string {
  return text.slice(0, 100).replaceAll("\0", "\u2400");
}
