import { queryOptions } from "@tanstack/react-query";
import { api } from "../../api/client.ts";
import type { ProjectPath } from "../project/project-queries.ts";
import type { ResultTime } from "./result-time.ts";

/** Days begin at the viewer's midnight. */
const timezone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** New events are seen without a click. */
const LOOK_MS = 30_000;

/** What came of a project's links in a time. */
export const projectResultsQuery = ({ client, project }: ProjectPath, { days }: ResultTime) =>
  queryOptions({
    queryKey: ["project", client, project, "results", days],
    queryFn: () => {
      const from = new Date(Date.now() - days * 86_400_000).toISOString();
      const unit = days <= 2 ? "hour" : "day";
      return api.projectResults(client, project, { from, unit, timezone: timezone() });
    },
    refetchInterval: LOOK_MS,
  });

/** What came of a batch's links. */
export const batchResultsQuery = (batchId: number) =>
  queryOptions({
    queryKey: ["batch", batchId, "results"],
    queryFn: () => api.batchResults(batchId, { timezone: timezone() }),
    refetchInterval: LOOK_MS,
  });
