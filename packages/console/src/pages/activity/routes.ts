import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { signedInRoute } from "../../routes/root.tsx";
import { readFilters } from "./filters.ts";

const activityRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/activity",
  validateSearch: readFilters,
  component: lazyRouteComponent(() => import("./activity-page.tsx"), "ActivityPage"),
});

export const activityRoutes = [activityRoute] as const;
