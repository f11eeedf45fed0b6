import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, Outlet, redirect } from "@tanstack/react-router";
import { isSignedOut } from "../api/failure.ts";
import { sessionQuery } from "../api/session.ts";
import { Shell } from "../layout/shell.tsx";

/** What every route may ask for. */
export interface RouteContext {
  queryClient: QueryClient;
}

export const rootRoute = createRootRouteWithContext<RouteContext>()({ component: Outlet });

/** Above every page that needs somebody signed in. Who is not is led to the sign-in page, and back afterwards. */
export const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "signed-in",
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queryClient.ensureQueryData(sessionQuery);
    } catch (error) {
      if (isSignedOut(error)) throw redirect({ to: "/sign-in", search: { next: location.href } });
      throw error;
    }
  },
});

/** `/` is the Activity Monitor. */
export const homeRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/activity" });
  },
});
