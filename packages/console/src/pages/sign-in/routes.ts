import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../routes/root.tsx";

/** A path of this console, and never another site's: what stands in `next` may come from anybody. */
const ownPath = (next: unknown): string | undefined =>
  typeof next === "string" && /^\/(?![/\\])/.test(next) ? next : undefined;

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>): { next?: string; refused?: string } => {
    const next = ownPath(search.next);
    return {
      ...(next !== undefined && { next }),
      ...(typeof search.refused === "string" && { refused: search.refused }),
    };
  },
  component: lazyRouteComponent(() => import("./sign-in-page.tsx"), "SignInPage"),
});

const invitationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/invitation",
  component: lazyRouteComponent(() => import("./invitation-page.tsx"), "InvitationPage"),
});

export const signInRoutes = [signInRoute, invitationRoute] as const;
