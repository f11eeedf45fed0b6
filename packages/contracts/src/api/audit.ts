import { z } from "zod";
import { slugSchema } from "../names.ts";
import { nextSchema, pageQuerySchema, timeSchema } from "./pages.ts";

/** Which lines of the audit are asked for. All conditions hold together. */
export const auditQuerySchema = pageQuerySchema.extend({
  actor: z.string().min(1).max(200).optional().describe("Who did it, whole, without regard to case"),
  action: z.string().min(1).max(100).optional().describe("What was done, whole, or with a `*` at its end: `profile.*`"),
  path: z.string().min(1).max(500).optional().describe("Part of what it was done to, without regard to case"),
  client: slugSchema.optional().describe("What concerns this client: its projects, its logins and their files"),
  outcome: z.string().min(1).max(100).optional().describe("`ok`, `refused`, `failed`, …"),
  from: z.iso.datetime({ offset: true }).optional().describe("At this time or later"),
  to: z.iso.datetime({ offset: true }).optional().describe("Before this time"),
  format: z
    .enum(["json", "csv"])
    .optional()
    .describe("`csv`: all that fit, not a page, as a file; the same as `Accept: text/csv`"),
});
export type AuditQuery = z.output<typeof auditQuerySchema>;

/** One line of the audit: who did what, from where, with what outcome. */
export const auditLineSchema = z
  .object({
    id: z.int(),
    at: timeSchema,
    /** A user's or an API key's name, a login of the gateway, or a service. */
    actor: z.string(),
    address: z.string().nullable(),
    /** Names the request, or the connection of an SFTP client. */
    session: z.string().nullable(),
    action: z.string(),
    path: z.string().nullable(),
    /** Of a file's bytes, hexadecimal. */
    sha256: z.string().nullable(),
    outcome: z.string(),
    detail: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "AuditLine" });
export type AuditLine = z.infer<typeof auditLineSchema>;

export const auditPageSchema = z
  .object({
    lines: z.array(auditLineSchema),
    next: nextSchema,
    /** Lines are kept for so many days; 0: for ever. */
    keptDays: z.int(),
  })
  .meta({
    id: "Audit",
    example: {
      lines: [
        {
          id: 811,
          at: "2026-11-20T09:00:00.000Z",
          actor: "Nightly export",
          address: "203.0.113.7",
          session: "0b6d5c1e-7f0a-4f7c-8d5e-1f2a3b4c5d6e",
          action: "profile.apply",
          path: "spring/video",
          sha256: null,
          outcome: "ok",
          detail: { version: 3 },
        },
      ],
      next: null,
      keptDays: 400,
    },
  });
export type AuditPage = z.infer<typeof auditPageSchema>;
