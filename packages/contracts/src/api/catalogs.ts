import { z } from "zod";
import { conflictRuleSchema } from "../catalog.ts";
import { slugSchema } from "../names.ts";
import { nextSchema, pageQuerySchema, timeSchema } from "./pages.ts";
import { projectPathSchema } from "./projects.ts";
import { cellSchema } from "./tables.ts";

export const catalogPathSchema = projectPathSchema.extend({ table: slugSchema });

/** Which item an address names: by its key; a key of several columns is a JSON list of texts. */
export const itemPathSchema = catalogPathSchema.extend({
  key: z.string().min(1).max(2_000).describe("The item's key; of several columns a JSON list of texts"),
});

/** One of a project's tables that are kept in step with other systems. */
export const catalogViewSchema = z
  .object({
    table: z.string(),
    description: z.string().nullable(),
    /** The columns that name an item. */
    key: z.array(z.string()),
    /** `pending`: its table is made, or taken over, with the next file or write, or within seconds by the syncer where it has
     * subscribers. */
    state: z.enum(["pending", "live"]),
    /** How many items it has: counted up to 10,000, beyond that about. Null while it is pending. */
    items: z.object({ count: z.int(), exact: z.boolean() }).nullable(),
    /** The number of its newest change, which subscriptions' lag is counted from, and when that was written. */
    lastSeq: z.int().nullable(),
    lastChangeAt: timeSchema.nullable(),
    /** Which value stays when two sides change one: for all columns, and for those that have a rule of their own. */
    conflicts: z.object({ default: conflictRuleSchema, fields: z.record(z.string(), conflictRuleSchema) }),
    historyDays: z.int(),
    /** The names of its subscriptions; `GET /v1/subscriptions` says how they stand. */
    subscribers: z.array(z.string()),
  })
  .meta({
    id: "Catalog",
    example: {
      table: "items",
      description: null,
      key: ["sku"],
      state: "live",
      items: { count: 1_240, exact: true },
      lastSeq: 18_243,
      lastChangeAt: "2026-11-20T09:00:00.000Z",
      conflicts: { default: { rule: "newest" }, fields: { price: { rule: "source", origin: "import" } } },
      historyDays: 90,
      subscribers: ["storefront"],
    },
  });
export type CatalogView = z.infer<typeof catalogViewSchema>;

export const catalogListSchema = z.object({ catalogs: z.array(catalogViewSchema) });
export type CatalogList = z.infer<typeof catalogListSchema>;

/** An item's columns, as in the rows of imported tables: whole numbers beyond 2^53 and decimals are strings. */
const itemValuesSchema = z.record(z.string(), cellSchema);

const ITEM = {
  key: "A-1004",
  version: 3,
  origin: "storefront",
  changedAt: "2026-11-20T09:00:00.000Z",
  values: { sku: "A-1004", name: "Chair", price: "49.90" },
} as const;

/** One row of a catalog. */
export const catalogItemSchema = z
  .object({
    key: z.string(),
    /** Grows with each change; it is the item's entity tag, too. */
    version: z.int(),
    /** Who changed it last: `import`, `api`, or a subscription's name. */
    origin: z.string(),
    /** When it was changed there. */
    changedAt: timeSchema,
    values: itemValuesSchema,
  })
  .meta({ id: "CatalogItem", example: ITEM });
export type CatalogItemView = z.infer<typeof catalogItemSchema>;

export const itemQuerySchema = z.object({
  after: z.string().max(2_000).optional().describe("The last key of the page before"),
  limit: z.coerce.number().int().min(1).max(1_000).default(100).describe("Items of one page at most"),
});
export type ItemQuery = z.output<typeof itemQuerySchema>;

export const itemPageSchema = z.object({
  items: z.array(catalogItemSchema),
  /** What the next page's `after` is; null on the last one. */
  next: z.string().nullable(),
});
export type ItemPage = z.infer<typeof itemPageSchema>;

/** JSON's readers round a whole number beyond 2^53, and nobody would know. */
const exactNumberSchema = z
  .number()
  .refine((value) => !Number.isInteger(value) || Number.isSafeInteger(value), "write so large a number as a text");

/** An item as it is to be. */
export const itemBodySchema = z
  .strictObject({
    values: z
      .record(z.string(), z.union([z.string(), exactNumberSchema, z.boolean(), z.null()]))
      .describe(
        "By column, as they are read: numbers with a dot, times in ISO 8601. Whole numbers beyond 2^53 are texts. Columns that are " +
          "not named are emptied; the key's may be left out",
      ),
  })
  .meta({ id: "CatalogItemBody", example: { values: { name: "Chair", price: "49.90" } } });
export type ItemBody = z.input<typeof itemBodySchema>;

/** What became of a write. */
export const writtenItemSchema = z
  .object({
    item: catalogItemSchema.nullable().describe("As it is now; null: it is not there"),
    /** False: nothing has changed, and nobody is told. */
    changed: z.boolean(),
    /** How many of the values were not taken, because another side owns them: the history has them. */
    lost: z.int(),
  })
  .meta({ id: "WrittenItem", example: { item: ITEM, changed: true, lost: 0 } });
export type WrittenItemView = z.infer<typeof writtenItemSchema>;

const eventFields = {
  version: z.int(),
  /** Who said it: `import`, `api`, or a subscription's name. */
  origin: z.string(),
  /** What it came of: a batch's number, who called the API, an event of the other system. */
  cause: z.string().nullable(),
  /** When it was changed there, and when it was written here. */
  changedAt: timeSchema,
  at: timeSchema,
};

/** One entry of an item's history: a change, or what lost a conflict. */
export const itemEventSchema = z
  .discriminatedUnion("event", [
    z.object({
      event: z.literal("change"),
      ...eventFields,
      operation: z.enum(["put", "remove"]),
      /** Its number; null: it has none yet. */
      seq: z.int().nullable(),
      /** The columns that changed. */
      changed: z.array(z.string()),
      /** The item after it; of one that was removed, what it was. */
      values: itemValuesSchema,
    }),
    z.object({
      event: z.literal("loss"),
      ...eventFields,
      /** Null: that the item is gone. */
      field: z.string().nullable(),
      value: cellSchema,
      /** What stayed, and who had said that. */
      kept: cellSchema,
      keptOrigin: z.string().nullable(),
      rule: z.enum(["newest", "source", "function"]),
    }),
  ])
  .meta({
    id: "ItemEvent",
    example: {
      event: "change",
      version: 3,
      origin: "storefront",
      cause: "evt_1Q2w3E",
      changedAt: "2026-11-20T09:00:00.000Z",
      at: "2026-11-20T09:00:00.120Z",
      operation: "put",
      seq: 18_243,
      changed: ["price"],
      values: ITEM.values,
    },
  });
export type ItemEventView = z.infer<typeof itemEventSchema>;

export const itemHistoryQuerySchema = pageQuerySchema;
export const itemHistorySchema = z.object({ events: z.array(itemEventSchema), next: nextSchema });
export type ItemHistory = z.infer<typeof itemHistorySchema>;
