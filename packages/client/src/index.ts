import * as contracts from "@inlet/contracts";
import { z } from "zod";
import { type ApiClient, apiClient } from "./api-client.ts";
import { type CheckAnswer, openTransport, type TransportOptions } from "./transport.ts";

export * from "./exported.ts";

/** As `TransportOptions`; a key may stand by itself. */
export type ClientOptions = Omit<TransportOptions, "credentials"> & ({ key: string } | { session: true });

/** Makes a client whose answers are checked against the contracts. Nothing is sent before its first call. */
export function openClient({ url, timeoutMs, ...credentials }: ClientOptions): ApiClient {
  return apiClient(openTransport({ url, timeoutMs, credentials }, checkAnswer));
}

const checkAnswer: CheckAnswer = (name, answer) => {
  // biome-ignore lint/performance/noDynamicNamespaceImportAccess: this entry is for Node, where nothing is shaken off
  const parsed = z.safeParse(contracts[name] as z.ZodType, answer);
  if (parsed.success) return { value: parsed.data };
  const [issue] = parsed.error.issues;
  return { mistake: `${issue?.path.join(".")}: ${issue?.message}`, cause: parsed.error };
};
