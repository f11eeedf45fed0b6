import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { signedInRoute } from "../../routes/root.tsx";

const projectsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/projects",
  component: lazyRouteComponent(() => import("./projects-page.tsx"), "ProjectsPage"),
});

export const projectsRoutes = [projectsRoute] as const;
