import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { signedInRoute } from "../../routes/root.tsx";
import { readReason } from "./failed-step-filter.ts";

const operationsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/operations",
  validateSearch: readReason,
  component: lazyRouteComponent(() => import("./operations-page.tsx"), "OperationsPage"),
});

export const operationsRoutes = [operationsRoute] as const;
