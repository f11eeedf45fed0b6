import type { Blobs } from "@inlet/blobs";
import type { draftMappingBodySchema, Problem, Profile } from "@inlet/contracts";
import type { ChosenColumn, DraftEdit, DraftRow } from "@inlet/database";
import { editFault, readWindow, type WindowRow } from "@inlet/delimited";
import type { z } from "zod";
import { Refusal } from "../requests/errors.ts";
import { newAliases } from "./aliases.ts";
import { openReading, type Reading } from "./reading.ts";
import { storable } from "./storable.ts";

/** Of what a cell held so much is kept, to show it. */
const BEFORE_CHARACTERS = 1_000;

/** One cell and what it is to hold. */
interface WantedEdit {
  record: number;
  columnIndex: number;
  value: string;
}

/** An edit as it is taken down. */
export interface JudgedEdit extends DraftEdit {
  /** In the file that was checked last, the cell holds this already. */
  isSame: boolean;
}

/**
 * Judges edits before they are taken down: that there are such cells and the file can hold such values.
 * @throws Refusal `edit_invalid` naming each that is wrong
 */
export async function readEdits(store: Blobs, draft: DraftRow, wanted: readonly WantedEdit[]): Promise<JudgedEdit[]> {
  const reading = await openReading(store, draft.checkFiles!);
  try {
    const { plan, plainPlan } = reading;
    if (plan === null || plainPlan === null) {
      throw new Refusal(
        409,
        "draft_not_editable",
        "The rows of this file cannot be read. Mend the file and upload it again.",
      );
    }
    const last = new Map(wanted.map((edit, place) => [`${edit.record} ${edit.columnIndex}`, { edit, place }]));
    const problems: Problem[] = [];
    const edits: JudgedEdit[] = [];
    const rows = await openRows(reading);
    for (const { edit, place } of [...last.values()].sort((one, other) => one.edit.record - other.edit.record)) {
      const row = await rows(edit.record, edit.columnIndex);
      const problem = problemOf(edit, row, plan.header.labels.length) ?? editFault(plainPlan, edit)?.message;
      if (problem !== undefined) problems.push({ path: ["edits", place], message: problem });
      const before = row?.cells[0] ?? "";
      const isSame = before === edit.value && row !== undefined && row.cutColumns.length === 0 && row.cells.length > 0;
      if (problem === undefined) edits.push({ ...edit, before: storable(before), isSame });
    }
    if (problems.length > 0) {
      throw new Refusal(
        400,
        "edit_invalid",
        "These cells cannot be mended so; see errors. Nothing was changed.",
        problems,
      );
    }
    return edits.map((edit) => ({ ...edit, value: edit.value.toWellFormed() }));
  } finally {
    await reading.close();
  }
}

async function openRows(reading: Reading) {
  const { read, index } = await reading.openRows();
  return async (record: number, fromColumn: number): Promise<WindowRow | undefined> => {
    const range = { fromRecord: record, count: 1, fromColumn, columnCount: 1, maxCellChars: BEFORE_CHARACTERS };
    const [row] = await readWindow(read, reading.plan!, index, range);
    return row?.record === record ? row : undefined;
  };
}

function problemOf({ record, columnIndex }: WantedEdit, row: WindowRow | undefined, width: number): string | undefined {
  if (row === undefined) return `the file has no row ${record}`;
  if (columnIndex >= Math.max(width, row.cellCount)) return `row ${record} has no column ${columnIndex + 1}`;
  if (row.isBroken && row.isCut && row.cutColumns.length === 0) return `row ${record} is too long to be mended here`;
  return undefined;
}

/**
 * Judges a choice of columns: that the file and the table have them, and, where it is to be remembered, that it can be.
 * @throws Refusal `mapping_invalid`, `label_ambiguous`
 */
export async function readMapping(
  store: Blobs,
  draft: DraftRow,
  { body, profile }: { body: z.output<typeof draftMappingBodySchema>; profile: Profile },
): Promise<ChosenColumn[]> {
  const reading = await openReading(store, draft.checkFiles!);
  await reading.close();
  const table = profile.tables.find(({ name }) => name === draft.tableName);
  const problems: Problem[] = [];
  const chosen = body.columns.flatMap(({ index, column }, place) => {
    const own = reading.columns[index];
    if (own === undefined) {
      problems.push({ path: ["columns", place, "index"], message: `the file has ${reading.columns.length} columns` });
      return [];
    }
    if (column !== null && !table?.columns.some(({ name }) => name === column)) {
      problems.push({ path: ["columns", place, "column"], message: `the table has no column ${column}` });
    }
    return [{ index, label: own.label, column }];
  });
  if (problems.length > 0) {
    throw new Refusal(400, "mapping_invalid", "This choice does not fit the file or its table; see errors.", problems);
  }
  if (body.remember && table !== undefined) newAliases(table, chosen);
  return chosen;
}
