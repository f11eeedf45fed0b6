import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { signedInRoute } from "../../routes/root.tsx";
import { pullQuery } from "./pull-queries.ts";

const pullRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/pulls/$pullId",
  loader: ({ context, params }) => context.queryClient.ensureQueryData(pullQuery(Number(params.pullId))),
  component: lazyRouteComponent(() => import("./pull-page.tsx"), "PullPage"),
});

export const pullRoutes = [pullRoute] as const;
