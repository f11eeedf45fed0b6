import { connectionSchema } from "@inlet/contracts";
import { SERVICE_ROLES, workerFacts } from "@inlet/database";
import { VERSION } from "@inlet/runtime";
import { z } from "zod";
import { consoleUrl } from "../identity/own-page.ts";
import { errors } from "../openapi/openapi.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";

const sftpFactsSchema = z.object({ hostKeys: z.array(z.object({ type: z.string(), fingerprint: z.string() })) });
const mailFactsSchema = z.object({ domains: z.array(z.string()), sharedAddresses: z.array(z.string()) });

/** What is handed over with a login. */
export function connectionRoutes(app: RouteHost, { database, env }: ApiParts): void {
  app.get(
    "/v1/connection",
    {
      config: { access: "read" },
      schema: {
        tags: ["Operation"],
        summary: "Show where clients connect to",
        description:
          "The SFTP server with the fingerprints of its host keys, the domains for files by e-mail, the addresses of " +
          "console, API and landing pages: what is handed over to a client with a login.",
        response: { 200: connectionSchema, ...errors() },
      },
    },
    async (request) => {
      const told = consoleUrl(request, env.CONSOLE_URL);
      const [sftp, mail] = await Promise.all([
        factsOf("sftp-gateway", sftpFactsSchema),
        factsOf("mail-gateway", mailFactsSchema),
      ]);
      const [domain] = mail?.domains ?? [];
      return {
        sftp: {
          host: env.PUBLIC_SFTP_HOST ?? URL.parse(told)?.hostname.replace(/^\[|\]$/g, "") ?? request.hostname,
          port: env.PUBLIC_SFTP_PORT ?? DEFAULT_SFTP_PORT,
          hostKeys: sftp?.hostKeys ?? [],
        },
        mail:
          mail === undefined || domain === undefined
            ? null
            : {
                domains: mail.domains,
                addressPattern: `{address}@${domain}`,
                sharedAddresses: mail.sharedAddresses.map((localPart) => `${localPart}@${domain}`),
              },
        consoleUrl: told,
        apiUrl: told,
        landingUrl: env.LANDING_URL ?? null,
        version: VERSION,
      };
    },
  );

  /** A process may speak for a gateway only if it logged in as that gateway, or as the hub itself. */
  async function factsOf<T>(service: keyof typeof SERVICE_ROLES, schema: z.ZodType<T>): Promise<T | undefined> {
    const facts = await workerFacts(database, { service, roles: [SERVICE_ROLES[service].role] });
    return facts === undefined ? undefined : schema.safeParse(facts).data;
  }
}

const DEFAULT_SFTP_PORT = 2222;
