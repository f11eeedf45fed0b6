import type { PullStates } from "@inlet/contracts";
import { count } from "@inlet/contracts/figures";
import { Alert, Button, Stack, Text } from "@mantine/core";
import { IconCloudDownload, IconZoomQuestion } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useMay } from "../../api/session.ts";
import { Facts } from "../../parts/facts.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Section } from "../../parts/section.tsx";
import { Failure, Waiting } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";
import type { ProjectPath } from "../project/project-queries.ts";
import { PullHistory } from "./pull-history.tsx";
import { pullStateQuery } from "./pull-queries.ts";
import { connectorWord } from "./pull-words.tsx";
import { PulledTables } from "./pulled-tables.tsx";
import { StartProbe } from "./start-probe.tsx";
import { StartPulls } from "./start-pulls.tsx";

const route = getRouteApi("/signed-in/projects/$client/$project/pulls");

/** How a project's pulls stand: the system, its tables, and what was pulled when. */
export function ProjectPullsPage() {
  const path = route.useParams();
  const filters = route.useSearch();
  const navigate = useNavigate();
  const state = useQuery(pullStateQuery(path));
  if (state.isPending) return <Waiting lines={8} />;
  if (state.isError && state.data === undefined)
    return <Failure error={state.error} retry={() => void state.refetch()} />;
  return (
    <Stack gap="lg">
      <SystemSection path={path} state={state.data!} />
      <PulledTables state={state.data!} />
      <PullHistory
        path={path}
        tables={state.data!.tables.map(({ table }) => table)}
        filters={filters}
        onFilters={(search) =>
          void navigate({ to: "/projects/$client/$project/pulls", params: path, search, replace: true })
        }
      />
    </Stack>
  );
}

/** The system, when it is asked, and what monitoring promises. */
function SystemSection({ path, state }: { path: ProjectPath; state: PullStates }) {
  const may = useMay();
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState<"pull" | "probe">();
  const { system, monitored, recipients, circuit } = state;
  return (
    <Section
      title={connectorWord(system.connector)}
      lead={system.host}
      actions={
        may("operate") && (
          <>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconZoomQuestion size={15} aria-hidden />}
              onClick={() => setAsking("probe")}
            >
              Probe
            </Button>
            <Button
              size="xs"
              leftSection={<IconCloudDownload size={15} aria-hidden />}
              onClick={() => setAsking("pull")}
            >
              Pull now
            </Button>
          </>
        )
      }
    >
      <Stack gap="md">
        {circuit.state === "open" && circuit.until !== null && (
          <Alert color="red" variant="light" title="The system is left alone for a while" role="status">
            It failed {count(circuit.failures, "time")} in a row. It is asked again <When at={circuit.until} />.
            {circuit.error !== null && ` ${circuit.error.message}`}
          </Alert>
        )}
        {state.schedule.paused === "rehearsal" && (
          <Alert color="gray" variant="light">
            While the project rehearses, rows are pulled when somebody asks. The schedule begins when it goes live.
          </Alert>
        )}
        <Facts
          of={[
            ["Pulled", <Due key="due" schedule={state.schedule} />],
            [
              "Import monitoring",
              <PageLink key="monitoring" to="/projects/$client/$project/profile" params={path} hash="monitoring">
                {monitored ? (
                  <Mark tone="good">On: all of it, or nothing</Mark>
                ) : (
                  <Mark tone="warning">Off: what comes is imported</Mark>
                )}
              </PageLink>,
            ],
            [
              "A stop is told to",
              <PageLink key="told" to="/projects/$client/$project/profile" params={path} hash="monitoring">
                {recipients.join(", ") || "Nobody"}
              </PageLink>,
            ],
          ]}
        />
      </Stack>
      {asking === "pull" && (
        <StartPulls
          path={path}
          state={state}
          onClose={() => setAsking(undefined)}
          onStarted={() => {
            void queryClient.invalidateQueries({ queryKey: pullStateQuery(path).queryKey });
            void queryClient.invalidateQueries({ queryKey: ["project", path.client, path.project, "pulls"] });
          }}
        />
      )}
      {asking === "probe" && <StartProbe path={path} state={state} onClose={() => setAsking(undefined)} />}
    </Section>
  );
}

function Due({ schedule: { words, timezone, nextDueAt } }: { schedule: PullStates["schedule"] }) {
  if (words === null) return <>When somebody asks</>;
  return (
    <>
      {words.charAt(0).toUpperCase() + words.slice(1)}
      {timezone !== null && `, ${timezone}`}
      {nextDueAt !== null && (
        <Text span c="var(--quiet)">
          {" "}
          · next <When at={nextDueAt} />
        </Text>
      )}
    </>
  );
}
