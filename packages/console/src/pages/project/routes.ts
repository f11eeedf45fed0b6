import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { signedInRoute } from "../../routes/root.tsx";
import { readPullFilters } from "../pulls/pull-filters.ts";
import { readResultTime } from "../results/result-time.ts";
import { readProfileSearch } from "./profile/views.ts";
import { profileQuery } from "./project-queries.ts";

/** The pages of one project, under one heading. */
const projectRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/projects/$client/$project",
  loader: ({ context, params }) => context.queryClient.ensureQueryData(profileQuery(params)),
  component: lazyRouteComponent(() => import("./project-frame.tsx"), "ProjectFrame"),
});

const overviewRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: "/",
  component: lazyRouteComponent(() => import("./overview-page.tsx"), "OverviewPage"),
});

const profileRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: "/profile",
  validateSearch: readProfileSearch,
  component: lazyRouteComponent(() => import("./profile/profile-page.tsx"), "ProfilePage"),
});

const accessRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: "/access",
  component: lazyRouteComponent(() => import("./access-page.tsx"), "AccessPage"),
});

const keysRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: "/keys",
  component: lazyRouteComponent(() => import("./keys-page.tsx"), "KeysPage"),
});

const pullsRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: "/pulls",
  validateSearch: readPullFilters,
  component: lazyRouteComponent(() => import("../pulls/project-pulls-page.tsx"), "ProjectPullsPage"),
});

const forgettingRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: "/recipients",
  component: lazyRouteComponent(() => import("../forgetting/forgetting-page.tsx"), "ForgettingPage"),
});

const resultsRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: "/results",
  validateSearch: readResultTime,
  component: lazyRouteComponent(() => import("../results/project-results-page.tsx"), "ProjectResultsPage"),
});

export const projectRoutes = [
  projectRoute.addChildren([
    overviewRoute,
    resultsRoute,
    pullsRoute,
    profileRoute,
    accessRoute,
    keysRoute,
    forgettingRoute,
  ]),
] as const;
