import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { signedInRoute } from "../../routes/root.tsx";
import { batchQuery } from "./batch-query.ts";

const batchRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/batches/$batchId",
  loader: ({ context, params }) => context.queryClient.ensureQueryData(batchQuery(Number(params.batchId))),
  component: lazyRouteComponent(() => import("./batch-page.tsx"), "BatchPage"),
});

export const batchRoutes = [batchRoute] as const;
