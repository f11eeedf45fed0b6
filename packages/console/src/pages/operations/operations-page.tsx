import { Alert, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { wordsOf } from "../../api/failure.ts";
import { Page } from "../../parts/page.tsx";
import { Failure, Waiting } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";
import { DeadMessages } from "./dead-messages.tsx";
import { FailedSteps } from "./failed-steps.tsx";
import { HealthBand } from "./health-band.tsx";
import { operationsQuery } from "./operations-queries.ts";
import { QueueTable } from "./queue-table.tsx";
import { SourceTable } from "./source-table.tsx";
import { WorkerTable } from "./worker-table.tsx";

const route = getRouteApi("/signed-in/operations");

/** How the whole hub stands, what waits for somebody, and what can be done about it. */
export function OperationsPage() {
  const filter = route.useSearch();
  const { data: hub, error, isPending, refetch } = useQuery(operationsQuery);
  return (
    <Page title="Operations" lead="How the hub stands now, and what waits for somebody.">
      <Stack gap="lg">
        {isPending && <Waiting lines={8} />}
        {error !== null && hub === undefined && <Failure error={error} retry={() => void refetch()} />}
        {error !== null && hub !== undefined && (
          <Alert color="yellow" variant="light" role="status" title="This page is not up to date">
            {wordsOf(error).detail} What is shown is from <When at={hub.at} />; it is asked for again by itself.
          </Alert>
        )}
        {hub !== undefined && (
          <>
            <HealthBand hub={hub} />
            <QueueTable hub={hub} />
            <FailedSteps filter={filter} />
            <DeadMessages />
            <SourceTable sources={hub.sources} />
            <WorkerTable workers={hub.workers} />
          </>
        )}
      </Stack>
    </Page>
  );
}
