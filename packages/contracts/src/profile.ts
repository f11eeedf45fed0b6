import { z } from "zod";
import { catalogSchema } from "./catalog.ts";
import { connectedSystemProblems } from "./connected-systems.ts";
import { emailSchema } from "./email.ts";
import { monitoringProblems, monitoringSchema } from "./monitoring.ts";
import { folderSchema, secretNameSchema, slugSchema } from "./names.ts";
import { pullSourceSchema } from "./pull.ts";
import { referenceProblems } from "./reference.ts";
import { deadlineMinutesSchema, scheduleRunSchema } from "./schedule.ts";
import { tableSchema } from "./table.ts";
import { orderProblems } from "./table-order.ts";
import { incomingSchema, wrapSchema } from "./wrapping.ts";

/** A remote SFTP server of the client's: where it is, who we are there, and the host key that we accept. */
export const remoteServerSchema = z.strictObject({
  host: z.string().min(1).max(255),
  port: z.int().min(1).max(65_535).default(22),
  username: z.string().min(1).max(64),
  /** The secret that holds the password or the private key (PEM or OpenSSH format). */
  secret: secretNameSchema,
  /** `SHA256:…`, as `ssh-keygen -lf` prints it. Another host key is refused. */
  hostKey: z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/, "SHA256: and 43 characters, as ssh-keygen -lf prints it"),
});
export type RemoteServer = z.infer<typeof remoteServerSchema>;

/** Where a project's files come from. */
export const sourceSchema = z.discriminatedUnion("kind", [
  /** Inlet's own SFTP gateway (and uploads by the API, which are always possible). */
  z.strictObject({ kind: z.literal("gateway") }),
  z.strictObject({
    kind: z.literal("sftp"),
    server: remoteServerSchema,
    folder: z.string().min(1).max(1024),
    pollSeconds: z.int().min(1).max(86_400).default(60),
    /**
     * When a file counts as complete: unchanged in size over `seconds` and at least two looks (never by mtime alone), or
     * when a flag file of its name plus `suffix` is there.
     */
    complete: z
      .discriminatedUnion("by", [
        z.strictObject({ by: z.literal("stable"), seconds: z.int().min(1).max(86_400).default(30) }),
        z.strictObject({ by: z.literal("flag"), suffix: z.string().min(1).max(20).default(".flg") }),
      ])
      .prefault({ by: "stable" }),
    /** What is done with a file that was fetched: moved into a folder beside it, or left there and remembered. */
    after: z
      .discriminatedUnion("action", [
        z.strictObject({ action: z.literal("move"), folder: z.string().min(1).max(1024) }),
        z.strictObject({ action: z.literal("remember") }),
      ])
      .prefault({ action: "remember" }),
  }),
  /** The API of an ERP or another system. */
  pullSourceSchema,
]);
export type Source = z.infer<typeof sourceSchema>;

const handOverSchema = z.object({
  /** A flag file, named as the result with `.flg` behind, after the result. */
  flag: z.boolean().default(false),
  /** The error file as well, where there are errors; also that of a rejected file. */
  errors: z.boolean().default(false),
  wrap: wrapSchema.default({ as: "plain" }),
  /**
   * When another file of the name is there: `keep_both` puts the batch's number into the new one's name, `replace` puts the
   * new one into its place, `refuse` fails the delivery until the place is free.
   */
  existing: z.enum(["keep_both", "replace", "refuse"]).default("keep_both"),
});

/** Where what goes back to the client goes, and how. A file that came by e-mail is answered by e-mail. */
export const deliverySchema = z.discriminatedUnion("to", [
  /** The project's Downloads folder in the gateway. */
  z.strictObject({ to: z.literal("downloads"), ...handOverSchema.shape }),
  /** A folder on the client's own SFTP server. */
  z.strictObject({
    to: z.literal("sftp"),
    server: remoteServerSchema,
    folder: z.string().min(1).max(1024),
    ...handOverSchema.shape,
  }),
]);
export type Delivery = z.infer<typeof deliverySchema>;

/** Where what goes back goes when a profile says nothing of it. */
export const DEFAULT_DELIVERY: Delivery = deliverySchema.parse({ to: "downloads" });

/**
 * Part of the result file's name. Windows knows no `< > : " | ? *` in names, and the result is opened there too; control
 * characters and those that turn the direction of writing make a name that reads as another.
 */
const namePartSchema = z
  .string()
  .max(50)
  .regex(/^[^/\\<>:"|?*\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u, 'no control characters and none of / \\ < > : " | ? *');

/** What a name's parts may stand in for. `{date}` is YYYYMMDD, `{time}` HHmmss, both UTC; `{batch}` the batch's number. */
export const NAME_PLACEHOLDERS = ["name", "client", "project", "table", "date", "time", "batch"] as const;

const nameTemplateSchema = namePartSchema.refine(
  (part) => [...part.matchAll(/\{([^}]*)\}/g)].every(([, name]) => NAME_PLACEHOLDERS.some((known) => known === name)),
  `placeholders are ${NAME_PLACEHOLDERS.map((name) => `{${name}}`).join(" ")}`,
);

/** Personal links: what the result file is called and what the landing page says. */
export const linksSchema = z.strictObject({
  /** A name that begins with a dot is hidden, and the gateway shows none. */
  prefix: nameTemplateSchema.regex(/^(?!\.)/, "must not begin with a dot").default("PURL_"),
  /** What stands between prefix and suffix: the client's own name of the file, without its extension. */
  name: nameTemplateSchema
    .regex(/^(?!\.)/, "must not begin with a dot")
    .min(1)
    .default("{name}"),
  suffix: nameTemplateSchema.default(""),
  expiresAfterDays: z.int().min(1).max(3650).default(365),
  /** Where this project's recipients reach their pages, such as `https://video.example.org`. Default: LANDING_URL. */
  address: z
    .url({ protocol: /^https?$/ })
    .regex(/^https?:\/\/[^/?#@]+$/, "an address such as https://video.example.org, without a path")
    .optional(),
  /** Which version of the project's storyboard a link shows: `keep` its own, or `follow` the one that is live. */
  storyboard: z.enum(["keep", "follow"]).default("keep"),
  page: z
    .strictObject({
      /** Text with `{{column}}` placeholders; a missing value becomes the empty string. */
      title: z.string().min(1).max(200).default("For you"),
      text: z.string().max(2000).default(""),
      /** The columns that the page lists, with their labels. Default: none. */
      fields: z
        .array(z.strictObject({ column: z.string(), label: z.string().min(1).max(100) }))
        .max(50)
        .default([]),
      button: z.strictObject({ label: z.string().min(1).max(100), url: z.url({ protocol: /^https?$/ }) }).optional(),
      colour: z
        .string()
        .regex(/^#[0-9a-fA-F]{6}$/)
        .default("#2b4bff"),
    })
    .prefault({}),
});
export type Links = z.infer<typeof linksSchema>;

/** How long a batch's files are kept. */
export const retentionSchema = z.strictObject({
  /** From the batch's end. Then its stored files, and with them its links, are gone; its figures and findings' places stay. */
  batchDays: z.int().min(1).max(3650),
});
export type Retention = z.infer<typeof retentionSchema>;

/** Which files are reported together. */
export const runSchema = z.discriminatedUnion("group", [
  /** Each file is a run of its own. */
  z.strictObject({ group: z.literal("file") }),
  /**
   * All files with the same date in their name are one run. It is reported when every table listed in `expect` has come
   * and ended, or else `settleSeconds` after its last batch ended; a later file reopens it.
   */
  z.strictObject({
    group: z.literal("date"),
    expect: z.array(slugSchema).default([]),
    settleSeconds: z.int().min(1).max(86_400).default(300),
    /** From the run's first file on. */
    deadlineMinutes: deadlineMinutesSchema.optional(),
  }),
  /** What has come by a trigger time is one run. */
  scheduleRunSchema,
]);
export type RunGrouping = z.infer<typeof runSchema>;

/** When the project's people get an e-mail. */
export const notifyEventSchema = z.enum(["received", "started", "completed"]);
export type NotifyEvent = z.infer<typeof notifyEventSchema>;

/** The versioned configuration of a project: what `inlet apply -f` sends. */
export const profileSchema = z
  .strictObject({
    client: slugSchema,
    project: slugSchema,
    title: z.string().max(100).optional(),
    folders: z
      .strictObject({
        uploads: folderSchema,
        downloads: folderSchema.optional(),
      })
      .optional(),
    source: sourceSchema.default({ kind: "gateway" }),
    /** What happens to a file whose name, or whose bytes, an accepted batch of the project already had. */
    duplicates: z
      .strictObject({
        name: z.enum(["reject", "accept"]).default("reject"),
        content: z.enum(["reject", "accept"]).default("accept"),
      })
      .prefault({}),
    run: runSchema.default({ group: "file" }),
    incoming: incomingSchema.prefault({}),
    email: emailSchema.optional(),
    links: linksSchema.optional(),
    delivery: deliverySchema.optional(),
    notify: z
      .strictObject({
        recipients: z.array(z.email()).max(50).default([]),
        on: z.array(notifyEventSchema).default(["completed"]),
      })
      .prefault({}),
    /** Absent: batches are kept. */
    retention: retentionSchema.optional(),
    /** Absent: pulls are monitored, files are not. */
    monitoring: monitoringSchema.optional(),
    tables: z.array(tableSchema).min(1).max(200),
    /** Tables that are kept in step with other systems. */
    catalogs: z.array(catalogSchema).max(50).default([]),
  })
  .superRefine((profile, context) => {
    const names = new Set<string>();
    profile.tables.forEach((table, index) => {
      if (names.has(table.name)) {
        context.addIssue({
          code: "custom",
          message: `table ${table.name} is defined twice`,
          path: ["tables", index, "name"],
        });
      }
      names.add(table.name);
      table.controls.forEach(({ total, from }, control) => {
        if (from.place !== "declared" || (total === "records" && from.name === "records")) return;
        context.addIssue({
          code: "custom",
          message: "an upload can declare nothing but the number of records, as `records`",
          path: ["tables", index, "controls", control, "from"],
        });
      });
    });
    for (const { path, message } of referenceProblems(profile.tables)) {
      context.addIssue({ code: "custom", message, path: ["tables", ...path] });
    }
    for (const { path, message } of orderProblems(profile.tables)) {
      context.addIssue({ code: "custom", message, path: ["tables", ...path] });
    }
    if (profile.links && profile.retention && profile.retention.batchDays < profile.links.expiresAfterDays) {
      context.addIssue({
        code: "custom",
        message: `links that live ${profile.links.expiresAfterDays} days need their batch as long: retention.batchDays must not be less than links.expiresAfterDays`,
        path: ["retention", "batchDays"],
      });
    }
    for (const { path, message } of [...monitoringProblems(profile), ...connectedSystemProblems(profile)]) {
      context.addIssue({ code: "custom", message, path });
    }
    if (profile.run.group !== "file") {
      profile.run.expect.forEach((name, index) => {
        if (!names.has(name)) {
          context.addIssue({
            code: "custom",
            message: `${name} is no table of this profile`,
            path: ["run", "expect", index],
          });
        }
      });
    }
    if (profile.source.kind === "gateway" && profile.folders === undefined) {
      context.addIssue({
        code: "custom",
        message: "a project behind the gateway names its folders",
        path: ["folders"],
      });
    }
    const delivery = profile.delivery ?? DEFAULT_DELIVERY;
    if (profile.email && profile.incoming.pgp !== "require" && profile.incoming.zip.encryption !== "require") {
      context.addIssue({
        code: "custom",
        message:
          "a file by e-mail is encrypted: set incoming.zip.encryption (with a password) or incoming.pgp to require",
        path: ["email"],
      });
    }
    if ((profile.links || delivery.errors) && delivery.to === "downloads" && profile.folders?.downloads === undefined) {
      context.addIssue({
        code: "custom",
        message:
          "a project with links, or with error files to deliver, names a Downloads folder, or a delivery to a remote server",
        path: ["folders", "downloads"],
      });
    }
    if (profile.folders?.downloads !== undefined && profile.folders.downloads === profile.folders.uploads) {
      context.addIssue({
        code: "custom",
        message: "Uploads and Downloads are two folders",
        path: ["folders", "downloads"],
      });
    }
  })
  .meta({
    example: {
      client: "spring",
      project: "video",
      title: "Personal videos for Spring",
      folders: { uploads: "/video/Uploads", downloads: "/video/Downloads" },
      tables: [
        {
          name: "contacts",
          columns: [
            { name: "id", type: "integer" },
            { name: "email", type: "email" },
          ],
        },
      ],
    },
  });
export type Profile = z.infer<typeof profileSchema>;
/** A profile as a person writes it, with the defaults left out. */
export type ProfileInput = z.input<typeof profileSchema>;
