import { loginSchema, personNameSchema } from "@inlet/contracts";
import type { ConsoleEnv, Grant } from "./identity-env.ts";
import type { Claims } from "./oidc-issuer.ts";

/** The e-mail address that an issuer vouches for, as a login; `unverified`: it gives one and does not vouch for it. */
export function emailOf(claims: Claims, { OIDC_TRUST_EMAIL = false }: ConsoleEnv): string | "unverified" {
  const login = loginSchema.safeParse(claims.email).data;
  // Some issuers write it as text, against OpenID Connect Core 1.0, section 5.1.
  const isVerified = claims.email_verified === true || claims.email_verified === "true";
  if (login === undefined || !(isVerified || (OIDC_TRUST_EMAIL && claims.email_verified === undefined)))
    return "unverified";
  return login;
}

/** What the role claim's values make of a person: the first entry of the map that is among them. */
export function grantOf(claims: Claims, { OIDC_ROLE_CLAIM, OIDC_ROLE_MAP }: ConsoleEnv): Grant | undefined {
  if (OIDC_ROLE_CLAIM === undefined || OIDC_ROLE_MAP === undefined) return undefined;
  const values = [claimAt(claims, OIDC_ROLE_CLAIM)].flat();
  return Object.entries(OIDC_ROLE_MAP).find(([value]) => values.includes(value))?.[1];
}

/** What a person is called here, when the user is made. */
export function nameOf(claims: Claims, login: string): string {
  for (const given of [claims.name, claims.preferred_username]) {
    const name = personNameSchema.safeParse(given).data;
    if (name !== undefined) return name;
  }
  return login.slice(0, 80);
}

/** A claim by its name, or by its path with dots: `groups`, `realm_access.roles`. */
function claimAt(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  return path
    .split(".")
    .reduce<unknown>(
      (value, key) =>
        typeof value === "object" && value !== null && Object.hasOwn(value, key)
          ? (value as Record<string, unknown>)[key]
          : undefined,
      claims,
    );
}
