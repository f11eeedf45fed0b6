import type { ApiKeyChange, ApiKeyRotation, NewApiKey } from "@inlet/contracts";
import { part } from "../address.ts";
import type { Send } from "../transport.ts";

export const apiKeyCalls = (send: Send) => ({
  /** Whom the API takes the caller for: a key, or a user who signed in. */
  identity: () => send("identitySchema", "GET", "/v1/identity"),
  apiKeys: async () => (await send("apiKeyListSchema", "GET", "/v1/api-keys")).apiKeys,
  /** The key itself is in this answer and nowhere else. */
  createApiKey: (key: NewApiKey) => send("createdApiKeySchema", "POST", "/v1/api-keys", key),
  changeApiKey: (idOrPrefix: string | number, change: ApiKeyChange) =>
    send("apiKeySchema", "PATCH", `/v1/api-keys/${part(idOrPrefix)}`, change),
  /** The new key is in this answer and nowhere else. */
  rotateApiKey: (idOrPrefix: string | number, rotation: ApiKeyRotation = {}) =>
    send("createdApiKeySchema", "POST", `/v1/api-keys/${part(idOrPrefix)}/rotate`, rotation),
  revokeApiKey: (idOrPrefix: string | number) => send("apiKeySchema", "DELETE", `/v1/api-keys/${part(idOrPrefix)}`),
});
