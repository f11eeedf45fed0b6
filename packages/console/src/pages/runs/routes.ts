import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { signedInRoute } from "../../routes/root.tsx";
import { readRunFilters } from "./run-filters.ts";
import { runQuery } from "./run-query.ts";

const runsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/runs",
  validateSearch: readRunFilters,
  component: lazyRouteComponent(() => import("./runs-page.tsx"), "RunsPage"),
});

const runRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/runs/$runId",
  loader: ({ context, params }) => context.queryClient.ensureQueryData(runQuery(Number(params.runId))),
  component: lazyRouteComponent(() => import("./run-page.tsx"), "RunPage"),
});

export const runRoutes = [runsRoute, runRoute] as const;
