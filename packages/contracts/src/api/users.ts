import { z } from "zod";
import { slugSchema } from "../names.ts";
import { apiRoleSchema, clientProblem } from "./access.ts";
import { timeSchema } from "./pages.ts";

/** RFC 5321, section 4.5.3.1.3: a path of 256 octets, less its angle brackets. */
const MAX_LOGIN = 254;

/** The e-mail address by which a user signs in. Case and surrounding space do not count. */
export const loginSchema = z
  .string()
  .max(MAX_LOGIN, `at most ${MAX_LOGIN} characters`)
  .trim()
  .toLowerCase()
  .pipe(z.email("an e-mail address such as data@spring.example"));

/** What a user is called on screen: no control characters, nothing that turns the line around. */
export const personNameSchema = z
  .string()
  .trim()
  .min(1)
  .max(80)
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, "without control characters");

/** The least characters of a password that a user sets. */
export const MIN_PASSWORD = 12;

/**
 * A password as it is set. What makes one too weak is asked for together: too short, too common, or the login in another
 * guise; see the refusal `password_weak`.
 */
export const newPasswordSchema = z
  .string()
  .min(MIN_PASSWORD, `at least ${MIN_PASSWORD} characters`)
  .max(200, "at most 200 characters");

/** `invited`: no password yet and never signed in elsewhere. `disabled`: cannot sign in. */
export const userStateSchema = z.enum(["invited", "active", "disabled"]);
export type UserState = z.infer<typeof userStateSchema>;

/** A person who signs in. */
export const userSchema = z
  .object({
    id: z.int(),
    login: z.string(),
    name: z.string(),
    role: apiRoleSchema,
    client: z.string().nullable().describe("The one client that the user sees; null: all"),
    state: userStateSchema,
    hasPassword: z.boolean(),
    oidc: z
      .object({ issuer: z.string(), subject: z.string() })
      .nullable()
      .describe("The login elsewhere (OpenID Connect) that the user is bound to"),
    roleFromClaim: z.boolean().describe("The role follows what the issuer says at each sign-in"),
    invitationUntil: timeSchema.nullable().describe("Until when an open invitation or reset may be used"),
    createdAt: timeSchema,
    lastSignInAt: timeSchema.nullable(),
    sessions: z.int().describe("Places in which the user is signed in now"),
  })
  .meta({
    id: "User",
    example: {
      id: 7,
      login: "data@spring.example",
      name: "Spring data",
      role: "client",
      client: "spring",
      state: "active",
      hasPassword: true,
      oidc: null,
      roleFromClaim: false,
      invitationUntil: null,
      createdAt: "2026-11-20T09:00:00.000Z",
      lastSignInAt: "2026-11-21T08:12:00.000Z",
      sessions: 1,
    },
  });
export type User = z.infer<typeof userSchema>;

export const userListSchema = z.object({ users: z.array(userSchema) });

export const newUserSchema = z
  .strictObject({
    login: loginSchema.describe("The e-mail address by which the user signs in"),
    name: personNameSchema,
    role: apiRoleSchema,
    client: slugSchema.optional().describe("The one client that the user sees"),
  })
  .superRefine((user, context) => {
    const problem = clientProblem(user.role, user.client, "user");
    if (problem !== undefined) context.addIssue({ ...problem, path: [...problem.path] });
  })
  .meta({ example: { login: "data@spring.example", name: "Spring data", role: "client", client: "spring" } });
export type NewUser = z.input<typeof newUserSchema>;

/**
 * What of a user is changed. `role` and `client` hold together: what is left out stays as it is. Another role or client
 * and disabling end the user's sessions.
 */
export const userChangeSchema = z
  .strictObject({
    name: personNameSchema.optional(),
    role: apiRoleSchema.optional(),
    client: slugSchema.nullable().optional().describe("null: the user sees all clients"),
    enabled: z.boolean().optional(),
  })
  .meta({ example: { role: "viewer", client: "spring" } });
export type UserChange = z.input<typeof userChangeSchema>;

/** 256 random bits in base64url. */
export const invitationTokenSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/, "the 43 characters of an invitation");

/** A one-time link by which a user sets the password. It is shown here and never again. */
export const invitationSchema = z
  .object({
    token: z.string(),
    /** The token is in the fragment: it reaches no server and no log on the way. */
    url: z.string().describe("The console's page /invitation with the token in its fragment"),
    expiresAt: timeSchema,
  })
  .meta({
    id: "Invitation",
    example: {
      token: "hJt0mVvR0mCqUeO3bqkzvJ7Xq4Cw0mB1n2pYw8s9tUo",
      url: "https://inlet.example.com/invitation#hJt0mVvR0mCqUeO3bqkzvJ7Xq4Cw0mB1n2pYw8s9tUo",
      expiresAt: "2026-11-23T09:00:00.000Z",
    },
  });
export type Invitation = z.infer<typeof invitationSchema>;

/** A user with an invitation that was just made. */
export const invitedUserSchema = z
  .object({ user: userSchema, invitation: invitationSchema })
  .meta({ id: "InvitedUser" });
export type InvitedUser = z.infer<typeof invitedUserSchema>;
