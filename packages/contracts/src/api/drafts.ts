import { z } from "zod";
import { reasonSchema } from "../batch.ts";
import { issueSchema } from "../issue.ts";
import { columnNameSchema, MAX_COLUMNS, slugSchema } from "../names.ts";
import { profileSchema } from "../profile.ts";
import { columnTypeSchema, tableSchema } from "../table.ts";
import { cursorSchema, nextSchema, timeSchema } from "./pages.ts";
import { uploadNameSchema } from "./uploads.ts";

/** Rows of one window at most. */
export const DRAFT_ROWS_MOST = 500;
/** Cells of one window's row at most, so that a file with thousands of columns is looked at in parts. */
export const DRAFT_COLUMNS_MOST = 500;
/** Cells mended in one request at most. */
export const DRAFT_EDITS_MOST = 1_000;

const sizeBytesSchema = z.int().min(1).max(Number.MAX_SAFE_INTEGER);

/** What is said of a file before its bytes come. */
const announcedFields = {
  fileName: uploadNameSchema,
  sizeBytes: sizeBytesSchema.describe("How long the whole file is"),
  lastModified: z.iso.datetime({ offset: true }).optional().describe("When its sender last changed it"),
};

/** Begins a draft. */
export const draftBodySchema = z
  .strictObject({
    ...announcedFields,
    table: slugSchema.optional().describe("The service: what the file is about. Without it the file's name tells"),
    records: z
      .int()
      .min(0)
      .max(Number.MAX_SAFE_INTEGER)
      .optional()
      .describe("How many records the file holds; another number fails it"),
  })
  .meta({ id: "DraftBody", example: { fileName: "customers.csv", sizeBytes: 20_480, table: "contacts" } });
export type DraftBody = z.input<typeof draftBodySchema>;

/** Begins a trial: a draft that is held against a profile that nobody saved, and that is never submitted. */
export const trialBodySchema = z
  .strictObject({
    ...announcedFields,
    profile: profileSchema.describe("The profile as it would be saved"),
    table: slugSchema.optional(),
    records: z.int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  })
  .meta({ id: "TrialBody" });
export type TrialBody = z.input<typeof trialBodySchema>;

/**
 * `uploading`: bytes are missing. `checking`: the structural check waits or runs. `checked`: see `check`. `unreadable`: it
 * could not be opened, see `reason`. `submitted`: it is a batch, or on its way to be one. `discarded`: its files are gone.
 */
export const draftStateSchema = z.enum(["uploading", "checking", "checked", "unreadable", "submitted", "discarded"]);
export type DraftState = z.infer<typeof draftStateSchema>;

/** How a label of the file came to mean a column; `chosen`: a person said so. */
export const matchedBySchema = z.enum(["exact", "alias", "normalised", "fuzzy", "position", "chosen"]);
export type MatchedBy = z.infer<typeof matchedBySchema>;

/** One column of the file. */
export const draftColumnSchema = z
  .object({
    /** Its place in the file, from 0. */
    index: z.int().min(0),
    /** As it stands in the file. */
    label: z.string(),
    /** The table's column that it means; null: it is not imported. */
    column: z.string().nullable(),
    matchedBy: matchedBySchema.nullable(),
    /** From 0 to 1. */
    confidence: z.number().min(0).max(1),
    /** Of the table's column. */
    type: columnTypeSchema.nullable(),
    /** No cell of it may be empty. */
    required: z.boolean(),
    /** What else the label may mean, the likeliest first. */
    alternatives: z.array(z.object({ column: z.string(), confidence: z.number().min(0).max(1) })),
  })
  .meta({ id: "DraftColumn" });
export type DraftColumn = z.infer<typeof draftColumnSchema>;

/** A column that the table has. */
export const draftTargetSchema = z
  .object({
    column: z.string(),
    /** What its label should be. */
    label: z.string(),
    type: columnTypeSchema,
    /** A file without it cannot be imported. */
    needed: z.boolean(),
  })
  .meta({ id: "DraftTarget" });
export type DraftTarget = z.infer<typeof draftTargetSchema>;

/** One finding, with its place in the file's own columns. */
export const draftFindingSchema = issueSchema
  .extend({
    /** The place of the file's column that it concerns, from 0; null where it concerns no one column of the file. */
    columnIndex: z.int().min(0).nullable(),
    /** It can be put right with `fix` (see POST /v1/drafts/:id/fixes). */
    fixable: z.boolean(),
  })
  .meta({ id: "DraftFinding" });
export type DraftFinding = z.infer<typeof draftFindingSchema>;

/** How many findings there are of one kind. */
export const draftTotalSchema = z
  .object({
    code: z.string(),
    severity: z.enum(["error", "warning"]),
    /** Exact. */
    count: z.int().min(1),
    /** How many of them have a fix. */
    fixable: z.int().min(0),
    /** The first one's message. */
    message: z.string(),
    /** The first one's fix. */
    fix: z.string().nullable(),
    /** The first one's value. */
    value: z.string().nullable(),
  })
  .meta({ id: "DraftTotal" });
export type DraftTotal = z.infer<typeof draftTotalSchema>;

/** How many findings a column has. */
export const draftColumnTotalSchema = z
  .object({
    /** The table's column, or the file's label where no column is meant. */
    column: z.string(),
    columnIndex: z.int().min(0).nullable(),
    errors: z.int().min(0),
    warnings: z.int().min(0),
    fixable: z.int().min(0),
  })
  .meta({ id: "DraftColumnTotal" });
export type DraftColumnTotal = z.infer<typeof draftColumnTotalSchema>;

/** How the file is written: `text` for people, the rest for programs. */
export const draftDialectSchema = z.object({
  /** Such as: UTF-8, comma between the cells, double quotes, lines end with LF. */
  text: z.string(),
  encoding: z.enum(["utf-8", "windows-1252"]),
  delimiter: z.string(),
  quote: z.string().nullable(),
  lineEnding: z.enum(["\n", "\r\n", "\r", "mixed"]),
  /** The line of column names, from 1; null: the file has none. */
  headerLine: z.int().min(1).nullable(),
});
export type DraftDialect = z.infer<typeof draftDialectSchema>;

/** What the structural check found. */
export const draftCheckSchema = z
  .object({
    verdict: z.enum(["pass", "fail"]),
    /** Why it failed, in words for who sent it. */
    reason: reasonSchema.nullable(),
    /** null: no record could be read. */
    dialect: draftDialectSchema.nullable(),
    columns: z.array(draftColumnSchema),
    /** All columns that the table has: what a label may be made to mean. */
    targets: z.array(draftTargetSchema),
    /** Columns of the table that the file lacks and needs. */
    missing: z.array(z.string()),
    counts: z.object({ records: z.int().min(0), valid: z.int().min(0), rejected: z.int().min(0) }),
    findings: z.object({
      errors: z.int().min(0),
      warnings: z.int().min(0),
      byCode: z.array(draftTotalSchema),
      byColumn: z.array(draftColumnTotalSchema),
      /** Those of the file as a whole, and of its header; at most 100. */
      ofFile: z.array(draftFindingSchema),
      /** How many are kept, to be listed and shown at their rows. The error file holds all. */
      kept: z.int().min(0),
    }),
    /** What the project does with invalid rows. */
    policy: z.object({
      policy: z.enum(["reject", "skip", "group"]),
      text: z.string(),
      /** What submitting would do now, or why it is not possible. */
      outcome: z.string(),
    }),
    /** It may be submitted as it is. */
    canSubmit: z.boolean(),
    /** Which mended state of the file was checked, from 1. */
    contentVersion: z.int().min(1),
    /** The profile that it was held against; null for a trial. */
    profileVersion: z.int().nullable(),
    checkedAt: timeSchema,
    durationMs: z.int().min(0),
    /** False: the file or its mapping was changed since, and is being checked again. */
    isCurrent: z.boolean(),
  })
  .meta({ id: "DraftCheck" });
export type DraftCheck = z.infer<typeof draftCheckSchema>;

/** One cell that was mended. */
export const draftEditSchema = z
  .object({
    id: z.int(),
    /** Record number in the file, from 1. */
    record: z.int().min(1),
    /** The place of its column in the file, from 0; null: the whole record was mended, its quotes. */
    columnIndex: z.int().min(0).nullable(),
    before: z.string(),
    value: z.string(),
    /** Who mended it. */
    by: z.string(),
    at: timeSchema,
  })
  .meta({ id: "DraftEdit" });
export type DraftEdit = z.infer<typeof draftEditSchema>;

const COLUMN_EXAMPLE = {
  index: 1,
  label: "E-Mail",
  column: "email",
  matchedBy: "normalised" as const,
  confidence: 0.9,
  type: "email" as const,
  required: true,
  alternatives: [],
};

/** A file that was uploaded, or is being uploaded, and not submitted yet. */
export const draftSchema = z
  .object({
    id: z.int(),
    client: z.string(),
    project: z.string(),
    /** Null while nothing tells which table it is: a ZIP or an OpenPGP message under any name. */
    table: z.string().nullable(),
    trial: z.boolean(),
    fileName: z.string(),
    /** The data file's own name, where it came in a ZIP or an OpenPGP message. */
    innerName: z.string().nullable(),
    sizeBytes: z.int().min(1),
    /** How much of it is on our disk. */
    receivedBytes: z.int().min(0),
    /** Hexadecimal, of what was uploaded, once all of it is here. */
    sha256: z.string().nullable(),
    records: z.int().min(0).nullable(),
    lastModified: timeSchema.nullable(),
    state: draftStateSchema,
    /** While it is checked. `waiting`: others are checked first. */
    progress: z
      .object({ phase: z.enum(["waiting", "opening", "checking"]), doneBytes: z.int(), totalBytes: z.int() })
      .nullable(),
    /** The batch whose mended error file this is: its rows are merged into that file once it is submitted. */
    corrects: z.int().nullable(),
    /** Why it is unreadable. */
    reason: reasonSchema.nullable(),
    check: draftCheckSchema.nullable(),
    /** Labels that a person has given a meaning: the column's place → the table's column, or null for none. */
    mapping: z.array(z.object({ index: z.int().min(0), column: z.string().nullable() })),
    /** On submit the choices become aliases in the profile. */
    remember: z.boolean(),
    /** Cells mended so far. */
    editCount: z.int().min(0),
    /** The cells of this file may be mended here; else `whyNotEditable` says what to do. */
    editable: z.boolean(),
    whyNotEditable: z.string().nullable(),
    /** Once it is submitted. `batchId` follows a moment later. */
    submitted: z.object({ arrivalId: z.int(), batchId: z.int().nullable() }).nullable(),
    createdBy: z.string(),
    createdAt: timeSchema,
    updatedAt: timeSchema,
    /** Untouched until then, it is discarded. */
    expiresAt: timeSchema,
  })
  .meta({
    id: "Draft",
    example: {
      id: 7,
      client: "spring",
      project: "video",
      table: "contacts",
      trial: false,
      fileName: "customers.csv",
      innerName: null,
      sizeBytes: 20_480,
      receivedBytes: 20_480,
      sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      records: null,
      lastModified: "2026-11-20T08:55:00.000Z",
      state: "checked",
      progress: null,
      corrects: null,
      reason: null,
      check: {
        verdict: "fail",
        reason: { code: "rows_invalid", message: "1 of 200 records is invalid. Mend it and check again." },
        dialect: {
          text: "UTF-8, commas between the cells, double quotes, lines end with LF",
          encoding: "utf-8",
          delimiter: ",",
          quote: '"',
          lineEnding: "\n",
          headerLine: 1,
        },
        columns: [
          {
            index: 0,
            label: "id",
            column: "id",
            matchedBy: "exact",
            confidence: 1,
            type: "integer",
            required: false,
            alternatives: [],
          },
          COLUMN_EXAMPLE,
        ],
        targets: [
          { column: "id", label: "id", type: "integer", needed: true },
          { column: "email", label: "email", type: "email", needed: true },
        ],
        missing: [],
        counts: { records: 200, valid: 199, rejected: 1 },
        findings: {
          errors: 1,
          warnings: 0,
          byCode: [
            {
              code: "not_an_email",
              severity: "error",
              count: 1,
              fixable: 1,
              message: "email must be one e-mail address such as name@example.com.",
              fix: "iris@example.com",
              value: "iris@example,com",
            },
          ],
          byColumn: [{ column: "email", columnIndex: 1, errors: 1, warnings: 0, fixable: 1 }],
          ofFile: [],
          kept: 1,
        },
        policy: {
          policy: "reject",
          text: "A file with an invalid row is not taken.",
          outcome: "1 row is invalid. Mend it, then submit the file.",
        },
        canSubmit: false,
        contentVersion: 1,
        profileVersion: 3,
        checkedAt: "2026-11-20T09:00:00.000Z",
        durationMs: 12,
        isCurrent: true,
      },
      mapping: [],
      remember: false,
      editCount: 0,
      editable: true,
      whyNotEditable: null,
      submitted: null,
      createdBy: "iris",
      createdAt: "2026-11-20T08:59:58.000Z",
      updatedAt: "2026-11-20T09:00:00.000Z",
      expiresAt: "2026-11-21T09:00:00.000Z",
    },
  });
export type Draft = z.infer<typeof draftSchema>;

/** A draft as lists show it. */
export const draftSummarySchema = draftSchema
  .omit({ check: true, mapping: true })
  .extend({
    /** What the last check said; null before. */
    verdict: z.enum(["pass", "fail"]).nullable(),
  })
  .meta({ id: "DraftSummary" });
export type DraftSummary = z.infer<typeof draftSummarySchema>;

export const draftListSchema = z.object({ drafts: z.array(draftSummarySchema), next: nextSchema });
export type DraftList = z.infer<typeof draftListSchema>;

/** Which of one's own drafts are asked for; newest first. */
export const draftQuerySchema = z.object({
  cursor: cursorSchema.optional().describe("`next` of the page before"),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  client: slugSchema.optional(),
  project: slugSchema.optional(),
});
export type DraftQuery = z.input<typeof draftQuerySchema>;

/** Which part of a draft's rows is asked for. Either a place (`from` or `line`) or those with findings, page by page. */
export const draftRowQuerySchema = z
  .object({
    from: z.coerce.number().int().min(1).optional().describe("First record, from 1"),
    line: z.coerce.number().int().min(1).optional().describe("The record that stands in this line, and those after it"),
    count: z.coerce.number().int().min(1).max(DRAFT_ROWS_MOST).default(100),
    fromColumn: z.coerce.number().int().min(0).default(0).describe("First column of the file, from 0"),
    columnCount: z.coerce.number().int().min(1).max(DRAFT_COLUMNS_MOST).default(100),
    cellChars: z.coerce
      .number()
      .int()
      .min(10)
      .max(100_000)
      .default(1_000)
      .describe("Longer cells are cut; see `cut` in the row"),
    only: z.enum(["findings"]).optional().describe("Rows that have a finding, page by page"),
    finding: z.string().min(1).max(100).optional().describe("Rows that have a finding of this code, page by page"),
    column: z.string().min(1).max(200).optional().describe("With `only` or `finding`: a finding of this column"),
    severity: z.enum(["error", "warning"]).optional().describe("With `only` or `finding`"),
    cursor: cursorSchema.optional().describe("With `only` or `finding`: `next` of the page before"),
  })
  .refine(({ from, line }) => from === undefined || line === undefined, {
    message: "give either from or line",
    path: ["line"],
  });
export type DraftRowQuery = z.input<typeof draftRowQuerySchema>;

/** One record as the system understood it. */
export const draftRowSchema = z
  .object({
    /** From 1; header and preamble not counted. */
    record: z.int().min(1),
    /** Its first physical line, from 1. */
    line: z.int().min(1),
    /** The cells of the asked-for columns, decoded, without their quotes. Text of the client's: never markup. */
    cells: z.array(z.string()),
    /** How many cells the record has in all. */
    cellCount: z.int().min(0),
    /** Places (in the file, from 0) of cells that are longer than is shown. */
    cut: z.array(z.int()),
    /** Places of cells that were mended here. */
    edited: z.array(z.int()),
    /** It is left out, or fails the file, as the policy has it. */
    invalid: z.boolean(),
    findings: z.array(draftFindingSchema),
  })
  .meta({ id: "DraftRow" });
export type DraftRow = z.infer<typeof draftRowSchema>;

export const draftRowsSchema = z
  .object({
    rows: z.array(draftRowSchema),
    /** Of the whole file; null while nobody has read it to its end. */
    recordCount: z.int().min(0).nullable(),
    fromColumn: z.int().min(0),
    /** Columns that the file has. */
    columnCount: z.int().min(0),
    /** Which mended state of the file this is. */
    contentVersion: z.int().min(1),
    /** Cursor of the next page of rows with findings; null on the last one, and for windows by place. */
    next: nextSchema,
  })
  .meta({
    id: "DraftRows",
    example: {
      rows: [
        {
          record: 17,
          line: 18,
          cells: ["17", "iris@example,com"],
          cellCount: 2,
          cut: [],
          edited: [],
          invalid: true,
          findings: [
            {
              line: 18,
              record: 17,
              offset: 421,
              column: "email",
              code: "not_an_email",
              message: "email must be one e-mail address such as name@example.com.",
              value: "iris@example,com",
              severity: "error",
              fix: "iris@example.com",
              columnIndex: 1,
              fixable: true,
            },
          ],
        },
      ],
      recordCount: 200,
      fromColumn: 0,
      columnCount: 2,
      contentVersion: 1,
      next: null,
    },
  });
export type DraftRows = z.infer<typeof draftRowsSchema>;

/** Which findings are asked for; in the order of the file. */
export const draftFindingQuerySchema = z.object({
  code: z.string().min(1).max(100).optional(),
  column: z.string().min(1).max(200).optional(),
  severity: z.enum(["error", "warning"]).optional(),
  cursor: cursorSchema.optional().describe("`next` of the page before"),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export type DraftFindingQuery = z.input<typeof draftFindingQuerySchema>;

export const draftFindingPageSchema = z.object({
  findings: z.array(draftFindingSchema),
  /** Exact, of the whole file. */
  total: z.int().min(0),
  /** How many are kept to be listed here. */
  kept: z.int().min(0),
  contentVersion: z.int().min(1),
  next: nextSchema,
});
export type DraftFindingPage = z.infer<typeof draftFindingPageSchema>;

/** What the file's labels mean, said by a person. Columns that are not named are recognised as before. */
export const draftMappingBodySchema = z
  .strictObject({
    columns: z
      .array(
        z.strictObject({
          index: z.int().min(0).describe("The column's place in the file, from 0"),
          column: columnNameSchema.nullable().describe("The table's column; null: it is not imported"),
        }),
      )
      .max(MAX_COLUMNS * 10)
      .describe("All choices; an empty list takes every choice back"),
    remember: z.boolean().default(false).describe("On submit the labels become aliases in the project's profile"),
  })
  .refine(({ columns }) => new Set(columns.map(({ index }) => index)).size === columns.length, {
    message: "a column of the file is named twice",
    path: ["columns"],
  })
  .refine(
    ({ columns }) => {
      const chosen = columns.flatMap(({ column }) => column ?? []);
      return new Set(chosen).size === chosen.length;
    },
    { message: "a column of the table is given to two columns of the file", path: ["columns"] },
  )
  .meta({ id: "DraftMappingBody", example: { columns: [{ index: 1, column: "email" }], remember: true } });
export type DraftMappingBody = z.input<typeof draftMappingBodySchema>;

/** Cells to be mended. */
export const draftEditsBodySchema = z
  .strictObject({
    edits: z
      .array(
        z.strictObject({
          record: z.int().min(1).describe("Record number in the file, from 1"),
          columnIndex: z.int().min(0).describe("The column's place in the file, from 0"),
          value: z
            .string()
            .max(1_048_576)
            .regex(/^[^\u0000]*$/, "no NUL, which no text file may hold")
            .describe("What the cell should hold; quotes are set where they are needed"),
        }),
      )
      .min(1)
      .max(DRAFT_EDITS_MOST),
  })
  .meta({ id: "DraftEditsBody", example: { edits: [{ record: 17, columnIndex: 1, value: "iris@example.com" }] } });
export type DraftEditsBody = z.input<typeof draftEditsBodySchema>;

/** Applies what the check suggests, to all findings of one kind. */
export const draftFixesBodySchema = z
  .strictObject({
    code: z.string().min(1).max(100),
    column: z.string().min(1).max(200).optional().describe("Findings of this column alone"),
  })
  .meta({ id: "DraftFixesBody", example: { code: "not_an_email", column: "email" } });
export type DraftFixesBody = z.input<typeof draftFixesBodySchema>;

/** Which edits are taken back: one cell's, or, without a place, all. */
export const draftUndoQuerySchema = z
  .object({
    record: z.coerce.number().int().min(1).optional(),
    columnIndex: z.coerce.number().int().min(0).max(1_000_000).optional(),
  })
  .refine(({ record, columnIndex }) => (record === undefined) === (columnIndex === undefined), {
    message: "give both record and columnIndex, or neither to take all edits back",
    path: ["columnIndex"],
  });
export type DraftUndoQuery = z.input<typeof draftUndoQuerySchema>;

/** The edits of a draft, the last first. */
export const draftEditListSchema = z.object({ edits: z.array(draftEditSchema), total: z.int(), next: nextSchema });
export type DraftEditList = z.infer<typeof draftEditListSchema>;

export const draftEditQuerySchema = z.object({
  cursor: cursorSchema.optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export type DraftEditQuery = z.input<typeof draftEditQuerySchema>;

/** What a change to a draft did: it is being checked again. */
export const draftChangedSchema = z
  .object({
    /** Cells that were changed. */
    changed: z.int().min(0),
    draft: draftSchema,
  })
  .meta({ id: "DraftChanged" });
export type DraftChanged = z.infer<typeof draftChangedSchema>;

/** A draft became a file that arrived. */
export const draftSubmittedSchema = z
  .object({
    arrivalId: z.int(),
    fileName: z.string(),
    sizeBytes: z.int(),
    /** Hexadecimal, of what was submitted: the mended file. */
    sha256: z.string(),
    /** The version of the profile that remembers the chosen columns; null: nothing was to be remembered. */
    profileVersion: z.int().nullable(),
  })
  .meta({ id: "DraftSubmitted" });
export type DraftSubmitted = z.infer<typeof draftSubmittedSchema>;

export const inferQuerySchema = z.object({
  fileName: uploadNameSchema.describe("The sample's name: its pattern is told by it"),
});

/** A table made for a sample file, as a profile would hold it. */
export const inferredTableSchema = z
  .object({
    /** As it goes into `tables` of a profile. */
    table: tableSchema,
    /** The same with the defaults left out. */
    written: z.looseObject({ name: z.string() }) as unknown as z.ZodType<z.input<typeof tableSchema>>,
    /** How the sample is written. */
    dialect: draftDialectSchema,
    columns: z.array(
      z.object({
        index: z.int().min(0),
        label: z.string(),
        /** The table's column; null for a column without a usable label. */
        column: z.string().nullable(),
        type: columnTypeSchema,
        /** Cells that were looked at and not empty. */
        filled: z.int().min(0),
        /** Up to three values, as they stand in the sample. */
        samples: z.array(z.string()),
      }),
    ),
    /** Records that were looked at. */
    records: z.int().min(0),
    /** These were all records of the sample. */
    isWhole: z.boolean(),
  })
  .meta({ id: "InferredTable" });
export type InferredTableView = z.infer<typeof inferredTableSchema>;
