import { apiRoleSchema, clientProblem, slugSchema } from "@inlet/contracts";
import { unlessEmpty } from "@inlet/runtime";
import { z } from "zod";

const LOOPBACK = ["127.0.0.1", "[::1]", "localhost"];

const issuerSchema = z.url({ protocol: /^https?$/ }).refine(
  (text) => {
    const url = URL.parse(text);
    return url?.protocol === "https:" || LOOPBACK.includes(url?.hostname ?? "");
  },
  { error: "an https address (plain http on this machine alone)" },
);

const grantSchema = z
  .union([
    apiRoleSchema.transform((role) => ({ role, client: undefined })),
    z.strictObject({ role: apiRoleSchema, client: slugSchema.optional() }),
  ])
  .superRefine((grant, context) => {
    const problem = clientProblem(grant.role, grant.client, "user");
    if (problem !== undefined) context.addIssue({ ...problem, path: [...problem.path] });
  });

/** What a value of the role claim makes of a user. */
export type Grant = z.output<typeof grantSchema>;

const roleMapSchema = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({
        code: "custom",
        message: 'JSON such as {"inlet-admins":"admin","spring":{"role":"client","client":"spring"}}',
      });
      return z.NEVER;
    }
  })
  .pipe(z.record(z.string().min(1), grantSchema));

/** Where the console is, and how people sign in to it by OpenID Connect. */
export const consoleEnvSchema = z.object({
  /**
   * The address under which people reach the console, such as https://inlet.example.com. Links to it, the origin that may
   * write with a session's cookie and the cookie's name hang on it. Left out: each request's own host.
   */
  CONSOLE_URL: unlessEmpty(
    z.url({ protocol: /^https?$/ }).refine((text) => URL.parse(text)?.pathname === "/", "an address without a path"),
  ),
  /** The issuer's address, below which `/.well-known/openid-configuration` lies. */
  OIDC_ISSUER: unlessEmpty(issuerSchema),
  OIDC_CLIENT_ID: unlessEmpty(z.string().min(1)),
  OIDC_CLIENT_SECRET: unlessEmpty(z.string().min(1)),
  /** What the sign-in page calls it. Left out: the issuer's host. */
  OIDC_NAME: unlessEmpty(z.string().min(1).max(60)),
  OIDC_SCOPES: unlessEmpty(z.string().regex(/\bopenid\b/, "scopes with spaces between, openid among them")),
  /** For issuers that send no `email_verified` and let nobody choose an address, as companies' own do. */
  OIDC_TRUST_EMAIL: unlessEmpty(z.enum(["true", "false"]).transform((text) => text === "true")),
  /** The claim that says what a user may, such as `groups`; with OIDC_ROLE_MAP, from its values to roles, first match. */
  OIDC_ROLE_CLAIM: unlessEmpty(z.string().min(1)),
  OIDC_ROLE_MAP: unlessEmpty(roleMapSchema),
});

/** What of it the API is given; a variable may be left out. */
export type ConsoleEnv = Partial<z.output<typeof consoleEnvSchema>>;

/** Reports variables that need one another. */
export function assertOidcWhole(
  env: ConsoleEnv,
  context: { addIssue(issue: { code: "custom"; message: string; path: string[] }): void },
): void {
  const needs = (name: keyof ConsoleEnv, because: keyof ConsoleEnv) => {
    if (env[because] === undefined || env[name] !== undefined) return;
    context.addIssue({ code: "custom", message: `is missing; ${because} is set`, path: [name] });
  };
  for (const name of ["OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "CONSOLE_URL"] as const) needs(name, "OIDC_ISSUER");
  needs("OIDC_ISSUER", "OIDC_CLIENT_ID");
  needs("OIDC_ROLE_MAP", "OIDC_ROLE_CLAIM");
  needs("OIDC_ROLE_CLAIM", "OIDC_ROLE_MAP");
}
