import { type ApiClient, apiClient } from "./api-client.ts";
import { openTransport, type TransportOptions } from "./transport.ts";

export { AppError, InvalidInput, InvariantBroken, Misconfigured, Unavailable } from "@inlet/contracts/errors";
export * from "./exported.ts";

/**
 * Makes a client for the console: the same calls, without zod and without the contracts' schemas. The page comes from
 * the hub that answers, so that the two are of one version.
 */
export function openBrowserClient({
  url = "",
  timeoutMs,
  key,
}: Partial<Pick<TransportOptions, "url" | "timeoutMs">> & {
  /** Speaks with a key instead of the session: the first admin is made so, when nobody can sign in yet. */
  key?: string;
} = {}): ApiClient {
  return apiClient(openTransport({ url, timeoutMs, credentials: key === undefined ? { session: true } : { key } }));
}
