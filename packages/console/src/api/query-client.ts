import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { isRetryable, isSignedOut } from "./failure.ts";
import { forgetSession } from "./session.ts";

/** Answers are shown at once and asked for anew behind the page when they are older than this. */
const FRESH_MS = 15_000;

/** The cache of what the API answered. A session that has ended leads to the sign-in page, whoever noticed it. */
export function createQueryClient(): QueryClient {
  const onError = (error: Error) => {
    if (isSignedOut(error)) forgetSession(client);
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: FRESH_MS,
        retry: (attempts, error) => isRetryable(error) && attempts < 2,
        refetchOnWindowFocus: true,
      },
    },
  });
  return client;
}
