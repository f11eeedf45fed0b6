import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { signedInRoute } from "../../routes/root.tsx";
import { readRowQuestion } from "./row-question.ts";
import { tableQuery } from "./table-queries.ts";

const tablesRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/tables",
  validateSearch: ({ text }: Record<string, unknown>): { text?: string } =>
    typeof text === "string" && text !== "" ? { text } : {},
  component: lazyRouteComponent(() => import("./tables-page.tsx"), "TablesPage"),
});

const tableRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/tables/$client/$project/$table",
  validateSearch: readRowQuestion,
  loader: ({ context, params }) => context.queryClient.ensureQueryData(tableQuery(params)),
  component: lazyRouteComponent(() => import("./table-page.tsx"), "TablePage"),
});

export const tableRoutes = [tablesRoute, tableRoute] as const;
