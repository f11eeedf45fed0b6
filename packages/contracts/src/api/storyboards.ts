import { z } from "zod";
import { columnNameSchema } from "../names.ts";
import { assetNameSchema, storedAssetSchema } from "../storyboard/asset.ts";
import { languageSchema } from "../storyboard/localized-text.ts";
import type { Storyboard, StoryboardInput } from "../storyboard/storyboard.ts";
import { columnTypeSchema } from "../table.ts";
import { problemSchema } from "./errors.ts";
import { filmSchema, pageWordsSchema } from "./films.ts";
import { idParamSchema, nextSchema, timeSchema } from "./pages.ts";
import { projectPathSchema } from "./projects.ts";

/** What is wrong with a storyboard. An `error` keeps it from being published; a `warning` asks for attention. */
export const storyboardProblemSchema = problemSchema.extend({ severity: z.enum(["error", "warning"]) }).meta({
  id: "StoryboardProblem",
  example: {
    path: ["scenes", 0, "layers", 1, "text"],
    message: "{{first_nam}}: the project has no such column. Did you mean first_name?",
    severity: "error",
  },
});
export type StoryboardProblem = z.infer<typeof storyboardProblemSchema>;

const versionNumberSchema = z.int().min(1).max(2_147_483_647);

/** A version that was published. It never changes. */
export const storyboardVersionSchema = z
  .object({
    version: z.int(),
    title: z.string(),
    note: z.string().nullable(),
    createdBy: z.string(),
    createdAt: timeSchema,
    /** New links show it. */
    live: z.boolean(),
  })
  .meta({
    id: "StoryboardVersion",
    example: {
      version: 3,
      title: "Happy birthday",
      note: "The new logo",
      createdBy: "iris",
      createdAt: "2026-11-20T09:00:00.000Z",
      live: true,
    },
  });
export type StoryboardVersion = z.infer<typeof storyboardVersionSchema>;

/** A column of the project's tables, which words and rules may name. */
export const storyboardColumnSchema = z.object({
  name: z.string(),
  type: columnTypeSchema,
  /** The tables that have it. In a file of another table it is empty. */
  tables: z.array(z.string()),
});
export type StoryboardColumn = z.infer<typeof storyboardColumnSchema>;

/** How a project's storyboard stands. */
export const storyboardStandingSchema = z
  .object({
    /** The version that new links show; null: none, and they show the simple page. */
    live: storyboardVersionSchema.nullable(),
    /** How many versions there are. */
    versions: z.int(),
    draft: z
      .object({
        revision: z.int(),
        updatedBy: z.string(),
        updatedAt: timeSchema,
        /** It shows anything else than the live version. */
        differs: z.boolean(),
        errors: z.int(),
        warnings: z.int(),
      })
      .nullable()
      .describe("Null: nobody has saved one"),
    /** The project makes personal links: only those show a storyboard. */
    links: z.boolean(),
    /** `keep`: links show the version that was live when they were made. `follow`: always the live one. */
    shows: z.enum(["keep", "follow"]),
    columns: z.array(storyboardColumnSchema),
  })
  .meta({
    id: "StoryboardStanding",
    example: {
      live: {
        version: 3,
        title: "Happy birthday",
        note: "The new logo",
        createdBy: "iris",
        createdAt: "2026-11-20T09:00:00.000Z",
        live: true,
      },
      versions: 3,
      draft: {
        revision: 17,
        updatedBy: "iris",
        updatedAt: "2026-11-20T10:00:00.000Z",
        differs: true,
        errors: 0,
        warnings: 1,
      },
      links: true,
      shows: "keep",
      columns: [{ name: "first_name", type: "string", tables: ["contacts"] }],
    },
  });
export type StoryboardStanding = z.infer<typeof storyboardStandingSchema>;

/** A storyboard as people write it: the defaults may be left out. The whole of it is in `docs/storyboards.md`. */
const writtenStoryboardSchema = z.looseObject({ title: z.string() }).meta({
  description: "As a person would write it, with the defaults left out",
}) as unknown as z.ZodType<StoryboardInput>;

const wholeStoryboardSchema = z.looseObject({ title: z.string() }).meta({
  description: "With the defaults filled in",
}) as unknown as z.ZodType<Storyboard>;

const DOCUMENT = {
  title: "Happy birthday",
  scenes: [
    {
      name: "greeting",
      durationMs: 5_000,
      layers: [
        {
          kind: "text",
          text: "Happy birthday, {{first_name|you}}!",
          box: { x: 140, y: 260, width: 1_000, height: 200 },
        },
      ],
    },
  ],
} as const;

/** What is being edited. */
export const storyboardDraftSchema = z
  .object({
    /** Any JSON: what was saved, with its mistakes. Null: there is no draft, and no version it could begin with. */
    document: z.unknown(),
    /** Raised by every save. 0: nobody has saved one; `document` is then the live version, or the newest one. */
    revision: z.int(),
    updatedBy: z.string().nullable(),
    updatedAt: timeSchema.nullable(),
    /** What is wrong with it, in its order; paths begin at the document. */
    problems: z.array(storyboardProblemSchema).describe("At most about 500; of more, errors come first"),
    /** It can be published: there is one, and no problem of it is an error. */
    publishable: z.boolean(),
    /** It shows anything else than the live version. */
    differs: z.boolean(),
  })
  .meta({
    id: "StoryboardDraft",
    example: {
      document: DOCUMENT,
      revision: 17,
      updatedBy: "iris",
      updatedAt: "2026-11-20T10:00:00.000Z",
      problems: [],
      publishable: true,
      differs: true,
    },
  });
export type StoryboardDraft = z.infer<typeof storyboardDraftSchema>;

const revisionSchema = z
  .int()
  .min(0)
  .max(2_147_483_647)
  .describe("The revision that you have read, 0 where there was none; another one is there: 409");

export const storyboardDraftBodySchema = z
  .strictObject({
    document: z.unknown().describe("The storyboard. Mistakes do not keep it from being saved; the answer names them"),
    revision: revisionSchema,
  })
  .meta({ id: "StoryboardDraftBody", example: { document: DOCUMENT, revision: 17 } });
export type StoryboardDraftBody = z.input<typeof storyboardDraftBodySchema>;

export const storyboardCheckBodySchema = z
  .strictObject({
    document: z.unknown().describe("What would be saved. It may have any mistakes: they are the answer"),
  })
  .meta({ id: "StoryboardCheckBody", example: { document: DOCUMENT } });

/** What is wrong with a storyboard that nobody has saved. */
export const storyboardCheckSchema = z
  .object({ problems: z.array(storyboardProblemSchema), publishable: z.boolean() })
  .meta({ id: "StoryboardCheck", example: { problems: [], publishable: true } });
export type StoryboardCheck = z.infer<typeof storyboardCheckSchema>;

export const publishStoryboardBodySchema = z
  .strictObject({
    revision: revisionSchema.min(1),
    note: z.string().trim().min(1).max(500).optional().describe("What is new, for those who look at the versions"),
    live: z.boolean().default(true).describe("Whether new links show it at once"),
  })
  .meta({ id: "PublishStoryboard", example: { revision: 17, note: "The new logo" } });
export type PublishStoryboardBody = z.input<typeof publishStoryboardBodySchema>;

export const publishedStoryboardSchema = z
  .object({
    version: z.int(),
    /** False: the newest version says the same already; it is that one. */
    changed: z.boolean(),
    live: z.boolean(),
    /** Problems that did not keep it from being published. */
    warnings: z.array(storyboardProblemSchema),
  })
  .meta({ id: "PublishedStoryboard", example: { version: 3, changed: true, live: true, warnings: [] } });
export type PublishedStoryboardView = z.infer<typeof publishedStoryboardSchema>;

export const liveStoryboardBodySchema = z
  .strictObject({ version: versionNumberSchema })
  .meta({ id: "LiveStoryboardBody", example: { version: 2 } });
export type LiveStoryboardBody = z.input<typeof liveStoryboardBodySchema>;

/** Which version new links show; null: none. */
export const liveStoryboardSchema = z
  .object({ live: z.int().nullable(), before: z.int().nullable(), changed: z.boolean() })
  .meta({ id: "LiveStoryboard", example: { live: 2, before: 3, changed: true } });
export type LiveStoryboard = z.infer<typeof liveStoryboardSchema>;

/** Newest first. */
export const storyboardVersionPageSchema = z
  .object({ versions: z.array(storyboardVersionSchema), next: nextSchema })
  .meta({ id: "StoryboardVersions" });
export type StoryboardVersionPage = z.infer<typeof storyboardVersionPageSchema>;

export const storyboardVersionPathSchema = projectPathSchema.extend({
  version: z.coerce.number().pipe(versionNumberSchema),
});

export const storyboardVersionViewSchema = storyboardVersionSchema
  .extend({
    storyboard: wholeStoryboardSchema,
    written: writtenStoryboardSchema,
    /** The files that it shows, as they were when it was published. */
    assets: z.array(storedAssetSchema),
  })
  .meta({ id: "StoryboardVersionView" });
export type StoryboardVersionView = z.infer<typeof storyboardVersionViewSchema>;

const sideSchema = z.union([z.enum(["draft", "live"]), z.coerce.number().pipe(versionNumberSchema)]);

export const storyboardChangesQuerySchema = z.object({
  from: sideSchema.default("live").describe("`live`, `draft`, or a version's number"),
  to: sideSchema.default("draft").describe("`live`, `draft`, or a version's number"),
});
export type StoryboardChangesQuery = z.input<typeof storyboardChangesQuerySchema>;

/** One difference of two storyboards. */
export const storyboardChangeSchema = z
  .object({
    kind: z.enum(["added", "removed", "changed"]),
    /** Where it is: in the newer one; of what was removed, in the older one. */
    path: z.array(z.union([z.string(), z.int()])),
    /** In a sentence, for people. */
    message: z.string(),
    from: z.unknown().optional().describe("The older value; left out where there was none"),
    to: z.unknown().optional().describe("The newer value; left out where there is none"),
  })
  .meta({
    id: "StoryboardChange",
    example: { kind: "added", path: ["scenes", 2], message: "Scene “offer” was added." },
  });
export type StoryboardChangeView = z.infer<typeof storyboardChangeSchema>;

export const storyboardChangesSchema = z
  .object({
    /** The version's number; null: the draft, or nothing. */
    from: z.int().nullable(),
    to: z.int().nullable(),
    changes: z.array(storyboardChangeSchema),
    /** Files of the same name that are others now. */
    assets: z.array(z.object({ name: z.string(), kind: z.enum(["added", "removed", "changed"]) })),
  })
  .meta({ id: "StoryboardChanges" });
export type StoryboardChanges = z.infer<typeof storyboardChangesSchema>;

/** A storyboard that ships with Inlet, to begin with. */
export const readyStoryboardSchema = z
  .object({
    name: z.string(),
    title: z.string(),
    description: z.string(),
    /** The columns that it names. */
    columns: z.array(z.string()),
    assets: z.array(z.object({ name: assetNameSchema, sizeBytes: z.int() })),
    document: writtenStoryboardSchema,
  })
  .meta({
    id: "ReadyStoryboard",
    example: {
      name: "birthday",
      title: "Happy birthday",
      description: "A greeting with the recipient's name and a gift.",
      columns: ["first_name"],
      assets: [{ name: "cake.webp", sizeBytes: 40_210 }],
      document: DOCUMENT,
    },
  });
export type ReadyStoryboardView = z.infer<typeof readyStoryboardSchema>;

export const readyStoryboardListSchema = z.object({ storyboards: z.array(readyStoryboardSchema) });
export type ReadyStoryboardList = z.infer<typeof readyStoryboardListSchema>;

const readyNameSchema = z.string().regex(/^[a-z0-9-]{1,60}$/, "lower-case letters, digits and hyphens");
export const readyAssetPathSchema = z.object({ name: readyNameSchema, asset: assetNameSchema });

export const beginFromReadyBodySchema = z
  .strictObject({ name: readyNameSchema, revision: revisionSchema })
  .meta({ id: "BeginFromReady", example: { name: "birthday", revision: 0 } });
export type BeginFromReadyBody = z.input<typeof beginFromReadyBodySchema>;

const valuesSchema = z.record(columnNameSchema, z.string().max(10_000).nullable());

export const filmBodySchema = z
  .strictObject({
    document: z.unknown().optional().describe("A storyboard that nobody has saved"),
    version: versionNumberSchema.optional().describe("A published one. Without both: the draft"),
    values: valuesSchema
      .optional()
      .describe(
        "The row, by column: dates as 2026-12-01, numbers with a dot, true and false as t and f; null or left out: empty",
      ),
    sample: z
      .string()
      .max(60)
      .optional()
      .describe("One of the storyboard's own samples, by its name. Without values and sample: the first one"),
    language: languageSchema.optional().describe("Instead of the row's own"),
  })
  .refine(({ document, version }) => document === undefined || version === undefined, {
    message: "give either document or version",
    path: ["version"],
  })
  .refine(({ values, sample }) => values === undefined || sample === undefined, {
    message: "give either values or sample",
    path: ["sample"],
  })
  .meta({ id: "FilmBody", example: { values: { first_name: "Iris" } } });
export type FilmBody = z.input<typeof filmBodySchema>;

/** What one recipient would see. */
export const filmViewSchema = z
  .object({
    film: filmSchema,
    /** What the row lacks to get a link; empty: it gets one. */
    unmet: z.array(z.string()),
    /** The page around it. */
    page: pageWordsSchema,
    /** What the film was made with. */
    values: z.record(z.string(), z.string().nullable()),
  })
  .meta({ id: "FilmView" });
export type FilmView = z.infer<typeof filmViewSchema>;

export const sampleRowsQuerySchema = z.object({
  batch: idParamSchema.optional().describe("Left out: the project's newest batch that has rows"),
  count: z.coerce.number().int().min(1).max(20).default(20),
});
export type SampleRowsQuery = z.input<typeof sampleRowsQuerySchema>;

/** Rows of a batch, to try a storyboard with. They are recipients' own: asking for them is audited. */
export const sampleRowsSchema = z
  .object({
    /** Null: there is no batch that has rows. */
    batch: z.object({ id: z.int(), table: z.string(), fileName: z.string(), receivedAt: timeSchema }).nullable(),
    columns: z.array(z.string()),
    rows: z.array(z.object({ record: z.int(), values: z.record(z.string(), z.string().nullable()) })),
  })
  .meta({
    id: "SampleRows",
    example: {
      batch: { id: 42, table: "contacts", fileName: "contacts-2026-11-20.csv", receivedAt: "2026-11-20T09:00:00.000Z" },
      columns: ["first_name"],
      rows: [{ record: 1, values: { first_name: "Iris" } }],
    },
  });
export type SampleRows = z.infer<typeof sampleRowsSchema>;
