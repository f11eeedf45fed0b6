import { linkRevocationBodySchema, revocationSchema } from "@inlet/contracts";
import {
  type Database,
  findBatchClient,
  insertRevocation,
  linkFacts,
  linkKey,
  recordAudit,
  type Scope,
  transaction,
} from "@inlet/database";
import { type ParsedToken, parseToken, verifyToken } from "@inlet/purl";
import { unseal } from "@inlet/runtime";
import { callerOf } from "../access.ts";
import { auditOf } from "../audit-entry.ts";
import { errors } from "../openapi/openapi.ts";
import { notFound } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";

/** Taking back a link by itself: who asks for it has the link, and no batch or record. */
export function linkRevocationRoutes(app: RouteHost, { database, env }: ApiParts): void {
  app.post(
    "/v1/revocations",
    {
      config: { access: "send" },
      schema: {
        tags: ["Batches"],
        summary: "Take a link back",
        description:
          "By its address as the recipient has it – the page's, the thumbnail's or the video's – or by the token in it. " +
          "Within seconds the page is gone, and cannot be told from a link that never was. There is no way back.",
        body: linkRevocationBodySchema,
        response: { 200: revocationSchema, ...errors(404) },
      },
    },
    async (request) => {
      const address = tokenIn(request.body.link);
      const isKnown =
        address !== undefined &&
        (await isGenuine(database, { address, scope: callerOf(request).scope, key: env.INLET_KEY }));
      if (!isKnown) {
        throw notFound(
          "link_not_found",
          "That is no link of yours. Paste it whole, as the recipient has it: https://…/p/ and 35 letters, digits, - and _.",
        );
      }
      const { batchId, recordNumber: record } = address;
      const changed = await transaction(database, async (tx) => {
        const inserted = await insertRevocation(tx, { batchId, record });
        // Not the link: it would open the page for whoever reads the audit, were it not taken back.
        if (inserted)
          await recordAudit(
            tx,
            auditOf(request, "links.revoke", { path: `batch/${batchId}`, detail: { record, by: "link" } }),
          );
        return inserted;
      });
      return { batchId, record, changed };
    },
  );
}

/** The token of an address, or the text itself; undefined where there is none. */
function tokenIn(link: string): ParsedToken | undefined {
  const [path] = link.split(/[?#]/);
  const last = path!.replace(/\/+$/, "").split("/").at(-1)!;
  return parseToken(last.replace(/\.(png|mp4)$/i, ""));
}

/** Whether the link was truly made, for a batch that the caller sees. */
async function isGenuine(
  database: Database,
  { address, scope, key }: { address: ParsedToken; scope: Scope; key: Buffer },
): Promise<boolean> {
  const { batchId } = address;
  if ((await findBatchClient(database, { batchId, scope })) === undefined) return false;
  const [facts] = await linkFacts(database, [batchId]);
  const stored = facts?.linkKeyId ? await linkKey(database, facts.linkKeyId) : undefined;
  return stored !== undefined && verifyToken(unseal(key, stored.sealed, `link-key:${stored.clientId}`), address);
}
