import { Misconfigured, Unavailable } from "@inlet/contracts";
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from "openid-client";
import type { ConsoleEnv } from "./identity-env.ts";

/** What a sign-in elsewhere has to remember until its callback. */
export interface Begun {
  state: string;
  nonce: string;
  codeVerifier: string;
}

/** What an issuer says of a person. */
export type Claims = Readonly<Record<string, unknown>> & { iss: string; sub: string };

/** The issuer as the API speaks to it. */
export interface OidcIssuer {
  /** Where to send the person, and what to remember. @throws Unavailable when the issuer is away */
  begin(): Promise<{ url: URL; begun: Begun }>;
  /** Who came back. @throws Error for whatever is not as it was begun */
  finish(search: string, begun: Begun): Promise<Claims>;
}

const TIMEOUT_SECONDS = 10;
/** What the issuer says of itself is asked again after this time. */
const DISCOVERED_FOR_MS = 3_600_000;
const CALLBACK = "/v1/session/oidc/callback";

/** The issuer of the environment; undefined where there is none. It is asked at the first sign-in, not before. */
export function openIssuer(env: ConsoleEnv): OidcIssuer | undefined {
  const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, CONSOLE_URL, OIDC_ROLE_CLAIM } = env;
  if (OIDC_ISSUER === undefined) return undefined;
  if (OIDC_CLIENT_ID === undefined || OIDC_CLIENT_SECRET === undefined || CONSOLE_URL === undefined) {
    const message = "OIDC_ISSUER needs OIDC_CLIENT_ID, OIDC_CLIENT_SECRET and CONSOLE_URL beside it.";
    throw new Misconfigured({ code: "environment_invalid", message });
  }
  const callback = new URL(CALLBACK, CONSOLE_URL).href;
  const configuration = kept(DISCOVERED_FOR_MS, () =>
    discovered(new URL(OIDC_ISSUER), OIDC_CLIENT_ID, OIDC_CLIENT_SECRET),
  );

  return {
    async begin() {
      const config = await configuration();
      const begun = { state: randomState(), nonce: randomNonce(), codeVerifier: randomPKCECodeVerifier() };
      const url = buildAuthorizationUrl(config, {
        redirect_uri: callback,
        scope: env.OIDC_SCOPES ?? "openid email profile",
        state: begun.state,
        nonce: begun.nonce,
        code_challenge: await calculatePKCECodeChallenge(begun.codeVerifier),
        code_challenge_method: "S256",
      });
      return { url, begun };
    },

    async finish(search, { state, nonce, codeVerifier }) {
      const config = await configuration();
      const came = new URL(callback);
      came.search = search;
      const tokens = await authorizationCodeGrant(config, came, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: codeVerifier,
        idTokenExpected: true,
      });
      const claims: Claims = tokens.claims()!;
      const isWhole =
        claims.email !== undefined && (OIDC_ROLE_CLAIM === undefined || claims[OIDC_ROLE_CLAIM] !== undefined);
      if (isWhole || config.serverMetadata().userinfo_endpoint === undefined) return claims;
      // Many issuers keep the ID token small (OpenID Connect Core 1.0, section 5.4).
      return { ...(await fetchUserInfo(config, tokens.access_token, claims.sub)), ...claims };
    },
  };
}

async function discovered(issuer: URL, clientId: string, clientSecret: string): Promise<Configuration> {
  const insecure = issuer.protocol === "http:" ? [allowInsecureRequests] : [];
  try {
    return await discovery(issuer, clientId, clientSecret, undefined, {
      timeout: TIMEOUT_SECONDS,
      execute: [...insecure, enableNonRepudiationChecks],
    });
  } catch (cause) {
    const message = `The issuer ${issuer.href} does not answer as it should: ${(cause as Error).message}`;
    throw new Unavailable({ code: "oidc_issuer_unavailable", message, cause });
  }
}

/** Keeps what was made for a time. What failed is not kept, and what was made before goes on as long as it has to. */
function kept<T>(lastsMs: number, make: () => Promise<T>): () => Promise<T> {
  let value: T | undefined;
  let freshUntil = 0;
  let making: Promise<T> | undefined;
  return async () => {
    if (value !== undefined && performance.now() < freshUntil) return value;
    making ??= make().finally(() => {
      making = undefined;
    });
    try {
      value = await making;
    } catch (error) {
      if (value === undefined) throw error;
    }
    freshUntil = performance.now() + lastsMs;
    return value;
  };
}
