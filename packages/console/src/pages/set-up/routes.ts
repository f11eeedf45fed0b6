import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { signedInRoute } from "../../routes/root.tsx";

/** Setting up a new client, or one more project of a client that is there. */
const setUpRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/set-up",
  validateSearch: ({ client }: Record<string, unknown>): { client?: string } =>
    typeof client === "string" && client !== "" ? { client } : {},
  component: lazyRouteComponent(() => import("./set-up-page.tsx"), "SetUpPage"),
});

export const setUpRoutes = [setUpRoute] as const;
