import type { QueryClient } from "@tanstack/react-query";
import { createRouter } from "@tanstack/react-router";
import { accountRoutes } from "./pages/account/routes.ts";
import { signInRoutes } from "./pages/sign-in/routes.ts";
import { Waiting } from "./parts/states.tsx";
import { Lost } from "./routes/lost.tsx";
import { PageFailure } from "./routes/page-failure.tsx";
import { homeRoute, rootRoute, signedInRoute } from "./routes/root.tsx";

const routeTree = rootRoute.addChildren([...signInRoutes, signedInRoute.addChildren([homeRoute, ...accountRoutes])]);

/** Which address shows which page. Each subject has its routes in its own room of `pages/`. */
export function createConsoleRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    defaultPreload: "intent",
    // What is fresh enough to be shown, the query client decides.
    defaultPreloadStaleTime: 0,
    defaultPendingComponent: () => <Waiting />,
    defaultErrorComponent: PageFailure,
    defaultNotFoundComponent: Lost,
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
