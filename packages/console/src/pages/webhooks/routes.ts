import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { signedInRoute } from "../../routes/root.tsx";
import { webhookQuery } from "./webhook-query.ts";

const webhooksRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/webhooks",
  validateSearch: ({ client }: Record<string, unknown>): { client?: string } =>
    typeof client === "string" && client !== "" ? { client } : {},
  component: lazyRouteComponent(() => import("./webhooks-page.tsx"), "WebhooksPage"),
});

const webhookRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/webhooks/$webhookId",
  loader: ({ context, params }) => context.queryClient.ensureQueryData(webhookQuery(Number(params.webhookId))),
  component: lazyRouteComponent(() => import("./webhook-page.tsx"), "WebhookPage"),
});

export const webhookRoutes = [webhooksRoute, webhookRoute] as const;
