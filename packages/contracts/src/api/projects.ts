import { z } from "zod";
import { slugSchema } from "../names.ts";
import { storedProfileSchema } from "../stored-profile.ts";
import { timeSchema } from "./pages.ts";
import { projectStateSchema } from "./rehearsal.ts";

export const projectSummarySchema = z
  .object({
    client: z.string(),
    project: z.string(),
    title: z.string().nullable(),
    profileVersion: z.int(),
    state: projectStateSchema,
    /** Where its files come from. */
    source: z.string(),
    uploads: z.string().nullable(),
    downloads: z.string().nullable(),
    tables: z.array(
      z.object({
        name: z.string(),
        /** For people: what its files are about. */
        description: z.string().nullable(),
        files: z.array(z.string()),
        mode: z.string(),
      }),
    ),
    links: z.boolean(),
  })
  .meta({ id: "Project" });
export type ProjectSummary = z.infer<typeof projectSummarySchema>;

export const projectListSchema = z.object({ projects: z.array(projectSummarySchema) });

export const projectPathSchema = z.object({ client: slugSchema, project: slugSchema });

/** A project's live profile. */
export const profileViewSchema = z.object({
  version: z.int(),
  appliedBy: z.string(),
  appliedAt: timeSchema,
  profile: storedProfileSchema,
});
export type ProfileView = z.infer<typeof profileViewSchema>;

export const appliedProfileSchema = z
  .object({
    client: z.string(),
    project: z.string(),
    version: z.int(),
    /** False: the live profile says the same already. */
    changed: z.boolean(),
    /** A project that is new begins with its rehearsal. */
    state: projectStateSchema,
    /** What does not stop the profile, and still asks for attention, such as a secret that is not there yet. */
    warnings: z.array(z.string()),
  })
  .meta({
    id: "AppliedProfile",
    example: { client: "spring", project: "video", version: 3, changed: true, state: "live", warnings: [] },
  });
export type AppliedProfile = z.infer<typeof appliedProfileSchema>;

export const secretBodySchema = z
  .strictObject({ value: z.string().min(1).max(65_536) })
  .meta({ example: { value: "the password or private key" } });

export const storedSecretSchema = z.object({ client: z.string(), name: z.string(), changed: z.boolean() });
export type StoredSecret = z.infer<typeof storedSecretSchema>;

/** Conditions on the document that a write replaces (RFC 9110, section 13). */
export const preconditionHeadersSchema = z.object({
  "if-match": z.string().max(1_000).optional().describe('The entity tag that it still has to have, such as `"3"`'),
  "if-none-match": z.string().max(1_000).optional().describe("`*`: there must be none yet"),
});
