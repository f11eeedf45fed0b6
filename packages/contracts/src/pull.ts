import { z } from "zod";
import { jsonValueSchema } from "./json-value.ts";
import { columnNameSchema, secretNameSchema, slugSchema } from "./names.ts";
import { scheduleAtSchema, timeZoneSchema } from "./schedule.ts";

/** Where a value lies in an answer: the names on the way to it, with dots between, such as `data.items`. A dot in a name: `\.`. */
export const jsonPathSchema = z.string().min(1).max(500);

/** Where an outside system is reached: profiles hold no passwords. */
export const systemUrlSchema = z
  .url({ protocol: /^https?$/, error: "an address that begins with https:// or http://" })
  .max(2000)
  .refine((url) => isWithoutUser(url), "holds no user and no password: name the password as a secret");

function isWithoutUser(url: string): boolean {
  const read = URL.parse(url);
  return read === null || (read.username === "" && read.password === "");
}

const SAYS_WHO_WE_ARE = /^(proxy-)?authorization$|^cookie$|^(x-)?api-?key$|^x-auth-token$/i;

/** What is sent with each request besides. Headers that say who we are hold secrets, and profiles name those alone. */
export const headersSchema = z
  .record(z.string().regex(/^[A-Za-z0-9-]{1,100}$/), z.string().max(1000))
  .superRefine((headers, context) => {
    for (const name of Object.keys(headers).filter((each) => SAYS_WHO_WE_ARE.test(each)))
      context.addIssue({
        ...{ code: "custom", path: [name] },
        message: "says who we are, which is a secret: a profile names secrets, and holds none",
      });
  });

const tlsSchema = z.strictObject({
  /** The certificate, PEM, that theirs is signed with, where no public authority knows it; an ERP in a company often has such a one. */
  ca: z
    .string()
    .max(100_000)
    .regex(/-----BEGIN CERTIFICATE-----/, "a certificate in PEM")
    .optional(),
});

const commonSystem = {
  url: systemUrlSchema,
  tls: tlsSchema.prefault({}),
  /** Requests at a time to this system, of all pulls together. */
  concurrency: z.int().min(1).max(16).default(2),
  /** A request that has no answer after so long is made again. */
  timeoutSeconds: z.int().min(1).max(3600).default(60),
};

/** How a REST system knows us. Secrets are named, never written. */
export const restAuthSchema = z.discriminatedUnion("by", [
  z.strictObject({ by: z.literal("none") }),
  z.strictObject({ by: z.literal("basic"), username: z.string().min(1).max(200), secret: secretNameSchema }),
  z.strictObject({ by: z.literal("bearer"), secret: secretNameSchema }),
  z.strictObject({
    by: z.literal("oauth2"),
    /** The token endpoint, for the grant `client_credentials` (RFC 6749, section 4.4). */
    tokenUrl: systemUrlSchema,
    clientId: z.string().min(1).max(200),
    /** The client secret. */
    secret: secretNameSchema,
    scope: z.string().max(500).optional(),
    audience: z.string().max(500).optional(),
    /** How the client proves itself: in the Authorization header, or in the form. */
    send: z.enum(["header", "form"]).default("header"),
  }),
  z.strictObject({
    by: z.literal("api_key"),
    secret: secretNameSchema,
    in: z.enum(["header", "query"]).default("header"),
    name: z.string().min(1).max(100).default("x-api-key"),
  }),
]);
export type RestAuth = z.infer<typeof restAuthSchema>;

/** A system that rows are pulled from. */
export const systemSchema = z.discriminatedUnion("connector", [
  /** SAP Business One Service Layer: `url` ends in `/b1s/v1` or `/b1s/v2`. */
  z.strictObject({
    connector: z.literal("sap_business_one"),
    ...commonSystem,
    company: z.string().min(1).max(200),
    username: z.string().min(1).max(200),
    /** The password. */
    secret: secretNameSchema,
  }),
  /** Intact iQ: each service lies at `url/(Service)`. */
  z.strictObject({
    connector: z.literal("intact_iq"),
    ...commonSystem,
    /** The API key. */
    secret: secretNameSchema,
  }),
  /** Any system that answers with JSON; where everything lies is said with each pull. */
  z.strictObject({
    connector: z.literal("rest"),
    ...commonSystem,
    auth: restAuthSchema.default({ by: "none" }),
    headers: headersSchema.default({}),
    /** What is asked to see whether we have access, below `url`. Default: the first page of a pull. */
    access: z.string().max(1000).optional(),
  }),
]);
export type System = z.infer<typeof systemSchema>;

const parameterSchema = z.string().min(1).max(100);

/** How a REST resource is read: where the items and their number lie, and how one page follows another. */
export const restReadingSchema = z.strictObject({
  /** Where the list of items lies in an answer. Absent: the answer is the list. */
  items: jsonPathSchema.optional(),
  query: z.record(parameterSchema, z.string().max(2000)).default({}),
  method: z.enum(["GET", "POST"]).default("GET"),
  /** What is sent with POST. Parameters of paging and `since` are put into it, at the top. */
  body: z.record(z.string(), jsonValueSchema).optional(),
  /** Where the number of all items is said: in each answer's body or header, or in the answer to a request of its own. */
  count: z
    .discriminatedUnion("in", [
      z.strictObject({ in: z.literal("body"), path: jsonPathSchema }),
      z.strictObject({ in: z.literal("header"), name: z.string().min(1).max(100).default("x-total-count") }),
      z.strictObject({
        in: z.literal("request"),
        /** Below the system's `url`. */
        path: z.string().min(1).max(1000),
        query: z.record(parameterSchema, z.string().max(2000)).default({}),
        /** Where it lies in that answer. Absent: the answer is the number. */
        at: jsonPathSchema.optional(),
      }),
    ])
    .optional(),
  paging: z
    .discriminatedUnion("by", [
      /** All items come in one answer. */
      z.strictObject({ by: z.literal("none") }),
      z.strictObject({
        by: z.literal("offset"),
        offset: parameterSchema.default("offset"),
        limit: parameterSchema.default("limit"),
      }),
      z.strictObject({
        by: z.literal("page"),
        page: parameterSchema.default("page"),
        size: parameterSchema.default("per_page"),
        first: z.int().min(0).max(1).default(1),
      }),
      /** The next page is asked for with a word from this one: `null`, empty or absent on the last. */
      z.strictObject({
        by: z.literal("cursor"),
        parameter: parameterSchema.default("cursor"),
        path: jsonPathSchema,
        limit: parameterSchema.optional(),
      }),
      /** The word is a field of the last item, as with Stripe's `starting_after`; `more` says whether there are more. */
      z.strictObject({
        by: z.literal("last_item"),
        parameter: parameterSchema,
        field: jsonPathSchema,
        more: jsonPathSchema.optional(),
        limit: parameterSchema.optional(),
      }),
      /** The header `Link` with `rel="next"` (RFC 8288). */
      z.strictObject({ by: z.literal("link"), limit: parameterSchema.optional() }),
      /** The address of the next page lies in the body. */
      z.strictObject({ by: z.literal("next"), path: jsonPathSchema, limit: parameterSchema.optional() }),
    ])
    .default({ by: "none" }),
  /** How the time or key of the last pull is asked with, for incremental pulls. */
  since: z
    .strictObject({
      parameter: parameterSchema,
      /** What stands there; `{since}` is the value. */
      template: z
        .string()
        .max(500)
        .regex(/\{since\}/, "names {since}")
        .default("{since}"),
    })
    .optional(),
});
export type RestReading = z.infer<typeof restReadingSchema>;

/** How it is told what has changed since the last time. */
export const incrementalSchema = z.strictObject({
  /** Where an item says when it was changed, or its growing key. */
  by: jsonPathSchema,
  kind: z.enum(["time", "key"]).default("time"),
  /** Asked for anew each time: clocks differ, and commits come late. For `time`. */
  overlapSeconds: z.int().min(0).max(86_400).default(300),
});

/** What of a system becomes the rows of one table. */
export const pullSchema = z.strictObject({
  table: slugSchema,
  /** SAP's entity (`Items`), Intact iQ's service (`Products`), or a path below the system's `url`. */
  resource: z.string().min(1).max(1000),
  /** Where each column's value lies in an item. A column that is not named lies under its header's name. */
  fields: z.record(columnNameSchema, jsonPathSchema).default({}),
  /** In the system's own words: OData's `$filter`; otherwise further parameters, as in an address: `status=active&site=3`. */
  filter: z.string().max(4000).optional(),
  pageSize: z.int().min(1).max(50_000).default(1000),
  /** Only what has changed is pulled. The table's mode is then `upsert`, or `append` by a key that only grows. */
  incremental: incrementalSchema.optional(),
  /** For the connector `rest`; for `intact_iq` where an installation pages its lists in words of its own: then all is said here. */
  rest: restReadingSchema.optional(),
});
export type Pull = z.infer<typeof pullSchema>;

/** When a project's rows are pulled. */
export const pullScheduleSchema = z.union([
  z.strictObject({ everyMinutes: z.int().min(1).max(44_640) }),
  z.strictObject({ at: scheduleAtSchema, timezone: timeZoneSchema.default("UTC") }),
]);
export type PullSchedule = z.infer<typeof pullScheduleSchema>;

/** Rows come from a system's API. */
export const pullSourceSchema = z.strictObject({
  kind: z.literal("pull"),
  system: systemSchema,
  pulls: z.array(pullSchema).min(1).max(200),
  /** Absent: only when a person asks. */
  schedule: pullScheduleSchema.optional(),
});
export type PullSource = z.infer<typeof pullSourceSchema>;
