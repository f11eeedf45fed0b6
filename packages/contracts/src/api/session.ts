import { z } from "zod";
import { accessWordSchema, apiRoleSchema } from "./access.ts";
import { timeSchema } from "./pages.ts";
import { invitationTokenSchema, loginSchema, newPasswordSchema, personNameSchema } from "./users.ts";

/**
 * The header that every writing request (all but GET and HEAD) carries when it comes with the session's cookie instead of
 * a key, and its value. Another site's page cannot send it.
 */
export const CSRF_HEADER = "inlet-request";
export const CSRF_VALUE = "1";

/** Who is signed in, what that allows, and until when. */
export const sessionSchema = z
  .object({
    user: z.object({
      id: z.int(),
      login: z.string(),
      name: z.string(),
      hasPassword: z.boolean().describe("false: signs in elsewhere alone, and has no password to change"),
    }),
    role: apiRoleSchema,
    client: z.string().nullable().describe("The one client that the user sees; null: all"),
    permissions: z.array(accessWordSchema),
    signedInBy: z.enum(["password", "oidc"]),
    csrf: z
      .object({ header: z.string(), value: z.string() })
      .describe("What every writing request carries besides the cookie"),
    idleExpiresAt: timeSchema.describe("When the session ends if nothing more is asked; each request moves it on"),
    expiresAt: timeSchema.describe("When the session ends in any case"),
  })
  .meta({
    id: "Session",
    example: {
      user: { id: 7, login: "data@spring.example", name: "Spring data", hasPassword: true },
      role: "client",
      client: "spring",
      permissions: ["self", "read", "files", "send"],
      signedInBy: "password",
      csrf: { header: CSRF_HEADER, value: CSRF_VALUE },
      idleExpiresAt: "2026-11-20T21:00:00.000Z",
      expiresAt: "2026-11-27T09:00:00.000Z",
    },
  });
export type Session = z.infer<typeof sessionSchema>;

/** What the sign-in page has to show. */
export const sessionMethodsSchema = z
  .object({
    setupNeeded: z.boolean().describe("There is no user yet: POST /v1/setup makes the first admin"),
    password: z.literal(true),
    oidc: z
      .object({ name: z.string() })
      .nullable()
      .describe("Signing in elsewhere, and what to call it; null: not set up"),
  })
  .meta({ id: "SessionMethods", example: { setupNeeded: false, password: true, oidc: { name: "Company login" } } });
export type SessionMethods = z.infer<typeof sessionMethodsSchema>;

/** A sign-in. What is no address is answered as a wrong password is, so the login is not judged here. */
export const signInSchema = z
  .strictObject({ login: z.string().min(1).max(300), password: z.string().min(1).max(200) })
  .meta({ example: { login: "data@spring.example", password: "correct horse battery" } });
export type SignIn = z.input<typeof signInSchema>;

/** The first admin, made with an admin's API key while there is no user. */
export const setupSchema = z
  .strictObject({ login: loginSchema, name: personNameSchema, password: newPasswordSchema })
  .meta({ example: { login: "ops@inlet.example", name: "Operations", password: "correct horse battery" } });
export type Setup = z.input<typeof setupSchema>;

/** A password that is set: by an invitation, or by who is signed in and knows the present one. */
export const passwordChangeSchema = z
  .union([
    z.strictObject({ invitation: invitationTokenSchema, password: newPasswordSchema }),
    z.strictObject({ current: z.string().min(1).max(200), password: newPasswordSchema }),
  ])
  .meta({ example: { current: "correct horse battery", password: "another horse, another battery" } });
export type PasswordChange = z.input<typeof passwordChangeSchema>;

export const invitationQuestionSchema = z.strictObject({ token: invitationTokenSchema });

/** Whom an invitation is for, before it is used. */
export const openInvitationSchema = z
  .object({
    login: z.string(),
    name: z.string(),
    reset: z.boolean().describe("The user had a password before"),
    expiresAt: timeSchema,
  })
  .meta({ id: "OpenInvitation" });
export type OpenInvitation = z.infer<typeof openInvitationSchema>;

/**
 * Why a sign-in elsewhere came to nothing: `refused` in the query of the console's page /sign-in, to which the callback
 * goes on then.
 */
export const oidcRefusalSchema = z.enum([
  /** The person turned back at the issuer. */
  "cancelled",
  /** It took too long, or was begun in another browser: begin again. */
  "expired",
  /** The issuer does not answer, or answers what it may not. */
  "unavailable",
  /** There is no user of that e-mail address, and none may be made. */
  "unknown",
  /** What the issuer says of the person gives no role here. */
  "no_role",
  /** The issuer does not vouch for the e-mail address. */
  "unverified",
  /** The user is disabled here, or is bound to another login there. */
  "disabled",
]);
export type OidcRefusal = z.infer<typeof oidcRefusalSchema>;
