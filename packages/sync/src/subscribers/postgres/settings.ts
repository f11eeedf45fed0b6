import { z } from "zod";

const nameSchema = z.string().min(1).max(63);

/** What a profile says of a table elsewhere. */
export const postgresSettingsSchema = z.strictObject({
  host: z.string().min(1).max(253),
  port: z.int().min(1).max(65_535).default(5432),
  database: nameSchema,
  user: nameSchema,
  /**
   * By default encrypted, with a certificate of a public authority for `host`. `ca`: the one, PEM, that theirs is signed with where no
   * public authority knows it. False: in clear text, which is done only at addresses that the operator allows by name.
   */
  tls: z
    .union([
      z.literal(false),
      z.strictObject({
        ca: z
          .string()
          .max(100_000)
          .regex(/-----BEGIN CERTIFICATE-----/, "a certificate in PEM")
          .optional(),
      }),
    ])
    .prefault({}),
  schema: nameSchema.default("public"),
  table: nameSchema,
  /** Its columns that name a row; a unique index or primary key is over just these. */
  key: z.array(nameSchema).min(1).max(32),
  /** How its changes are found. Needed to poll it. */
  inward: z
    .strictObject({
      /** A column that grows with each change: a time, or a number from a sequence. With an index. */
      changed: nameSchema,
      /**
       * Rows are asked for anew for so long back, because transactions commit in another order than they took their time or number:
       * seconds of a time, or so much of a number.
       */
      overlap: z.int().min(0).max(1_000_000).default(300),
      /** A column that says that a row is gone: true, or the time since when. Rows that are deleted outright are found by comparing. */
      removed: nameSchema.optional(),
    })
    .optional(),
});
export type PostgresSettings = z.infer<typeof postgresSettingsSchema>;
