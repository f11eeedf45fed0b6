import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { signedInRoute } from "../../routes/root.tsx";
import { profileQuery } from "../project/project-queries.ts";
import { TABS, type Tab } from "./panel/tabs.ts";
import { draftQuery, standingQuery } from "./storyboard-queries.ts";

/** Beside the project's other pages, and not among them: the editor has the window to itself. */
const storyboardRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/projects/$client/$project/storyboard",
  validateSearch: ({ tab }: Record<string, unknown>): { tab?: Tab } => {
    const known = TABS.find((each) => each === tab);
    return known === undefined ? {} : { tab: known };
  },
  loader: ({ context: { queryClient }, params }) =>
    Promise.all([
      queryClient.ensureQueryData(profileQuery(params)),
      queryClient.ensureQueryData(standingQuery(params)),
      queryClient.ensureQueryData(draftQuery(params)),
    ]),
  component: lazyRouteComponent(() => import("./storyboard-page.tsx"), "StoryboardPage"),
});

export const storyboardRoutes = [storyboardRoute] as const;
