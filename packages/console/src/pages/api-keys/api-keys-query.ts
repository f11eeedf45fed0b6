import { queryOptions } from "@tanstack/react-query";
import { api } from "../../api/client.ts";

/** All API keys, revoked ones too. */
export const apiKeysQuery = queryOptions({ queryKey: ["api-keys"], queryFn: () => api.apiKeys() });
