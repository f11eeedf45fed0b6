import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { signedInRoute } from "../../routes/root.tsx";
import { draftQuery } from "./draft-query.ts";

const draftRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/upload/$draftId",
  loader: ({ context, params }) => context.queryClient.ensureQueryData(draftQuery(Number(params.draftId))),
  component: lazyRouteComponent(() => import("./draft-page.tsx"), "DraftPage"),
});

export const draftRoutes = [draftRoute] as const;
