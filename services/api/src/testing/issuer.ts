import { generateKeyPairSync } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";

/** A person as the issuer knows it; `sub` is added. */
export type Person = Record<string, unknown>;

/** A real issuer (the certified `oidc-provider`) on loopback, at which people sign in without being asked. */
export interface TestIssuer {
  url: string;
  /** Who signs in next, by subject; undefined: whoever comes turns back. */
  signsIn: string | undefined;
  people: Record<string, Person>;
  close(): Promise<void>;
}

export const OIDC_CLIENT = { OIDC_CLIENT_ID: "inlet", OIDC_CLIENT_SECRET: "a secret of the tests, 32 characters" };

/** @param consoleUrl where the people come from and go back to */
export async function openIssuer({ consoleUrl, port = 0 }: { consoleUrl: string; port?: number }): Promise<TestIssuer> {
  let handle: ReturnType<Provider["callback"]>;
  let provider: Provider;
  const server = createServer((request, response) => {
    if (!request.url?.startsWith("/sign-in/")) return void handle(request, response);
    const result =
      issuer.signsIn === undefined
        ? { error: "access_denied", error_description: "turned back" }
        : { login: { accountId: issuer.signsIn }, consent: {} };
    return void provider.interactionFinished(request, response, result);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer: TestIssuer = { url, signsIn: undefined, people: {}, close: () => closed(server) };
  provider = new Provider(url, {
    clients: [
      {
        client_id: OIDC_CLIENT.OIDC_CLIENT_ID,
        client_secret: OIDC_CLIENT.OIDC_CLIENT_SECRET,
        redirect_uris: [`${consoleUrl}/v1/session/oidc/callback`],
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "groups"] },
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ["of the tests"] },
    jwks: { keys: [newSigningKey()] },
    interactions: { url: (_, { uid }) => `/sign-in/${uid}` },
    // Consent to everything that is asked for.
    async loadExistingGrant(context) {
      const { client, session } = context.oidc;
      const grant = new provider.Grant({ clientId: client!.clientId, accountId: session!.accountId! });
      grant.addOIDCScope("openid email profile");
      await grant.save();
      return grant;
    },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...issuer.people[sub] }) as never }),
  });
  handle = provider.callback();
  return issuer;
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

function newSigningKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: "of-the-tests" } as never;
}
