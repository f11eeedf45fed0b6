import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { signedInRoute } from "../../routes/root.tsx";

const usersRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/users",
  component: lazyRouteComponent(() => import("./users-page.tsx"), "UsersPage"),
});

export const userRoutes = [usersRoute] as const;
