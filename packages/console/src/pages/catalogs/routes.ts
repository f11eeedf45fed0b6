import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { signedInRoute } from "../../routes/root.tsx";
import { subscriptionQuery } from "./subscription-query.ts";

const catalogsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/catalogs",
  validateSearch: ({ client }: Record<string, unknown>): { client?: string } =>
    typeof client === "string" && client !== "" ? { client } : {},
  component: lazyRouteComponent(() => import("./catalogs-page.tsx"), "CatalogsPage"),
});

const catalogRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/catalogs/$client/$project/$table",
  validateSearch: ({ key }: Record<string, unknown>): { key?: string } =>
    typeof key === "string" && key !== "" ? { key } : {},
  component: lazyRouteComponent(() => import("./catalog-page.tsx"), "CatalogPage"),
});

const subscriptionRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/subscriptions/$subscriptionId",
  loader: ({ context, params }) =>
    context.queryClient.ensureQueryData(subscriptionQuery(Number(params.subscriptionId))),
  component: lazyRouteComponent(() => import("./subscription-page.tsx"), "SubscriptionPage"),
});

export const catalogRoutes = [catalogsRoute, catalogRoute, subscriptionRoute] as const;
