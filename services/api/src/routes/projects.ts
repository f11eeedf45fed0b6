export * from "../projects/project-routes.ts";
