import type { AccessWord, Session } from "@inlet/contracts";
import { type QueryClient, queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { api } from "./client.ts";

/** Who is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: () => api.session(),
  staleTime: 5 * 60_000,
  retry: false,
});

/** Who is signed in; only below the signed-in route. */
export function useSession(): Session {
  return useSuspenseQuery(sessionQuery).data;
}

/** Whether a kind of thing may be done here; the API judges it again. */
export function useMay(): (access: AccessWord) => boolean {
  const { permissions } = useSession();
  return (access) => permissions.includes(access);
}

/** Everything that was answered belongs to who was signed in then. Whoever signs in again goes on at this page. */
export function forgetSession(queryClient: QueryClient): void {
  queryClient.clear();
  const { pathname, search } = window.location;
  if (pathname === "/sign-in") return;
  window.location.assign(`/sign-in?next=${encodeURIComponent(pathname + search)}`);
}

/** The browser's other windows that show this console. */
const otherWindows = new BroadcastChannel("inlet-session");
// Without its session a window would go on showing what it has, and mix it with what the next user is answered.
otherWindows.addEventListener("message", () => window.location.reload());

/** The same for who has signed out, in all windows: whoever signs in next may be another, and begins at the start. */
export function leaveSession(queryClient: QueryClient): void {
  queryClient.clear();
  otherWindows.postMessage("signed out");
  window.location.assign("/sign-in");
}
