import type { NewApiKey } from "@inlet/contracts";
import { part } from "../address.ts";
import type { Send } from "../transport.ts";

export const apiKeyCalls = (send: Send) => ({
  /** Whom the API takes the caller for. */
  identity: () => send("identitySchema", "GET", "/v1/identity"),
  apiKeys: async () => (await send("apiKeyListSchema", "GET", "/v1/api-keys")).apiKeys,
  /** The key itself is in this answer and nowhere else. */
  createApiKey: (key: NewApiKey) => send("createdApiKeySchema", "POST", "/v1/api-keys", key),
  revokeApiKey: (idOrPrefix: string | number) => send("apiKeySchema", "DELETE", `/v1/api-keys/${part(idOrPrefix)}`),
});
