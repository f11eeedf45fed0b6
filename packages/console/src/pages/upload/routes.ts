import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { signedInRoute } from "../../routes/root.tsx";

/** The service that an address names, such as a link in an e-mail: `/upload?service=spring/video/contacts`. */
const uploadRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/upload",
  validateSearch: ({ service }: Record<string, unknown>): { service?: string } =>
    typeof service === "string" && service !== "" ? { service } : {},
  component: lazyRouteComponent(() => import("./upload-page.tsx"), "UploadPage"),
});

export const uploadRoutes = [uploadRoute] as const;
