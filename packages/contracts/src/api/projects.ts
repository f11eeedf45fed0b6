import { z } from "zod";
import { slugSchema } from "../names.ts";
import type { ProfileInput } from "../profile.ts";
import { storedProfileSchema } from "../stored-profile.ts";
import { problemSchema } from "./errors.ts";
import { nextSchema, timeSchema } from "./pages.ts";
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

/** A profile without what it says anyway: what a person edits, and what PUT takes. */
export const writtenProfileSchema = z.looseObject({ client: z.string(), project: z.string() }).meta({
  description: "As a person would write it: what PUT takes, with the defaults left out",
}) as unknown as z.ZodType<ProfileInput>;

export const profileVersionSchema = z
  .object({
    version: z.int(),
    appliedBy: z.string(),
    appliedAt: timeSchema,
    /** New files are received under it. */
    live: z.boolean(),
  })
  .meta({
    id: "ProfileVersion",
    example: { version: 3, appliedBy: "Nightly export", appliedAt: "2026-11-20T09:00:00.000Z", live: true },
  });
export type ProfileVersion = z.infer<typeof profileVersionSchema>;

/** The versions of a project's profile, newest first. */
export const profileVersionPageSchema = z
  .object({ versions: z.array(profileVersionSchema), next: nextSchema })
  .meta({ id: "ProfileVersions" });
export type ProfileVersionPage = z.infer<typeof profileVersionPageSchema>;

export const profileVersionPathSchema = projectPathSchema.extend({
  version: z.coerce.number().int().min(1).max(2_147_483_647),
});

/** One version of a project's profile. It never changes. */
export const profileVersionViewSchema = profileVersionSchema
  .extend({ profile: storedProfileSchema, written: writtenProfileSchema })
  .meta({ id: "ProfileVersionView" });
export type ProfileVersionView = z.infer<typeof profileVersionViewSchema>;

export const profileCheckBodySchema = z
  .strictObject({
    profile: z.unknown().describe("What would be applied. It may have any mistakes: they are the answer"),
  })
  .meta({ example: { profile: { client: "spring", project: "video", tables: [] } } });

/** What applying a profile would say, without doing it. */
export const profileCheckSchema = z
  .object({
    /** Whether it could be applied: there are neither errors nor table changes. */
    ok: z.boolean(),
    /** Mistakes in the profile itself, and folders that clash with another project's. Paths begin at the profile. */
    errors: z.array(problemSchema),
    /** Where it does not fit the tables that hold rows already. Nothing is said of it while there are errors. */
    tableChanges: z.array(problemSchema),
    /** What does not stop it, and asks for attention. */
    warnings: z.array(z.string()),
    /** Whether it says anything else than the live one; null while that cannot be told. */
    changed: z.boolean().nullable(),
    /** The live version; null: the project would be new. */
    version: z.int().nullable(),
    /** The profile as it would be stored, with the defaults left out; null while it has mistakes. */
    written: writtenProfileSchema.nullable(),
  })
  .meta({
    id: "ProfileCheck",
    example: {
      ok: false,
      errors: [{ path: ["tables"], message: "Too small: expected array to have >=1 items" }],
      tableChanges: [],
      warnings: [],
      changed: null,
      version: 3,
      written: null,
    },
  });
export type ProfileCheck = z.infer<typeof profileCheckSchema>;

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
