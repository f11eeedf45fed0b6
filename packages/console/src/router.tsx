import type { QueryClient } from "@tanstack/react-query";
import { createRouter } from "@tanstack/react-router";
import { accountRoutes } from "./pages/account/routes.ts";
import { activityRoutes } from "./pages/activity/routes.ts";
import { apiKeyRoutes } from "./pages/api-keys/routes.ts";
import { auditRoutes } from "./pages/audit/routes.ts";
import { batchRoutes } from "./pages/batch/routes.ts";
import { catalogRoutes } from "./pages/catalogs/routes.ts";
import { draftRoutes } from "./pages/draft/routes.ts";
import { operationsRoutes } from "./pages/operations/routes.ts";
import { projectRoutes } from "./pages/project/routes.ts";
import { projectsRoutes } from "./pages/projects/routes.ts";
import { pullRoutes } from "./pages/pulls/routes.ts";
import { runRoutes } from "./pages/runs/routes.ts";
import { setUpRoutes } from "./pages/set-up/routes.ts";
import { signInRoutes } from "./pages/sign-in/routes.ts";
import { storyboardRoutes } from "./pages/storyboard/routes.ts";
import { tableRoutes } from "./pages/tables/routes.ts";
import { uploadRoutes } from "./pages/upload/routes.ts";
import { userRoutes } from "./pages/users/routes.ts";
import { webhookRoutes } from "./pages/webhooks/routes.ts";
import { PageWaiting } from "./parts/page.tsx";
import { Lost } from "./routes/lost.tsx";
import { PageFailure } from "./routes/page-failure.tsx";
import { homeRoute, rootRoute, signedInRoute } from "./routes/root.tsx";

const routeTree = rootRoute.addChildren([
  ...signInRoutes,
  signedInRoute.addChildren([
    homeRoute,
    ...activityRoutes,
    ...batchRoutes,
    ...runRoutes,
    ...pullRoutes,
    ...tableRoutes,
    ...uploadRoutes,
    ...draftRoutes,
    ...projectsRoutes,
    ...projectRoutes,
    ...storyboardRoutes,
    ...setUpRoutes,
    ...userRoutes,
    ...catalogRoutes,
    ...webhookRoutes,
    ...apiKeyRoutes,
    ...operationsRoutes,
    ...auditRoutes,
    ...accountRoutes,
  ]),
]);

/** Which address shows which page. Each subject has its routes in its own room of `pages/`. */
export function createConsoleRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    defaultPreload: "intent",
    // What is fresh enough to be shown, the query client decides.
    defaultPreloadStaleTime: 0,
    defaultPendingComponent: PageWaiting,
    defaultErrorComponent: PageFailure,
    defaultNotFoundComponent: Lost,
    scrollRestoration: true,
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch,
  });
}

/** Plain texts, as people write them into an address: `?status=failed,rejected&client=spring`. */
function stringifySearch(search: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value !== undefined && value !== "") query.set(name, String(value));
  }
  return query.size === 0 ? "" : `?${query.toString().replaceAll("%2C", ",")}`;
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
