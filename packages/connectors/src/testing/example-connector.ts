import type { ConnectedSystem, ConnectorParts } from "../connector.ts";
import { readValues } from "../json/read-values.ts";
import { pageLoop } from "../page-loop.ts";
import { openSecrets } from "../secrets.ts";
import { shapeOf } from "../shape.ts";
import { openSystemRequests } from "../system-requests.ts";

/** `GET /Products?after=17&limit=100` answers `{"total": 250, "data": [{"id": 18, …}]}`, in the order of `id`. */
export function openExample(
  system: { url: string; secret: string; timeoutSeconds: number },
  parts: ConnectorParts,
): ConnectedSystem {
  const secrets = openSecrets((name) => parts.secret(name));
  const { ask } = openSystemRequests({
    parts,
    timeoutSeconds: system.timeoutSeconds,
    secrets,
    credentials: {
      sign: async (request) => ({
        request: { ...request, headers: { ...request.headers, "x-api-key": await secrets.get(system.secret) } },
      }),
    },
  });
  const get = (resource: string, after: unknown, limit: number, what: string, signal: AbortSignal) =>
    ask({
      url: `${system.url}/${resource}?after=${encodeURIComponent(String(after ?? 0))}&limit=${limit}`,
      what,
      signal,
    });

  return {
    async checkAccess(pulls, signal) {
      for (const { resource } of pulls) await get(resource, 0, 1, `the first of ${resource}`, signal);
    },
    async count({ pull: { resource }, signal }) {
      const { body } = await get(resource, 0, 1, `the number of ${resource}`, signal);
      const [total = null] = readValues(body, [["total"]]);
      return total === null ? null : Number(total);
    },
    pages: (request, read) =>
      pageLoop({
        request,
        read,
        places: { items: ["data"], ofLast: { id: ["id"] } },
        ask: (position, { what, signal }) =>
          get(request.pull.resource, position?.after, request.pull.pageSize, what, signal),
        // A short page says nothing: systems have limits of their own.
        next: ({ content }) => (content.itemCount === 0 ? null : { after: content.ofLast.id ?? null }),
      }),
    async shape({ resource }, signal) {
      return shapeOf((await get(resource, 0, 20, `some of ${resource}`, signal)).body, ["data"]);
    },
    async close() {},
  };
}
