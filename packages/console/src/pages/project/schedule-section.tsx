import type { Schedule, TriggerView } from "@inlet/contracts";
import { count } from "@inlet/contracts/figures";
import { Alert, Button, Group, List, Stack, Text } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/session.ts";
import { Ask } from "../../parts/ask.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Section } from "../../parts/section.tsx";
import { Failure, Waiting } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";
import { TableMark } from "../runs/run-words.tsx";
import { type ProjectPath, scheduleQuery } from "./project-queries.ts";
import classes from "./schedule-section.module.css";

/** When the project runs next, how it ran, what waits; and “Run now”. */
export function ScheduleSection({ path }: { path: ProjectPath }) {
  const schedule = useQuery(scheduleQuery(path));
  if (schedule.isPending) return <Waiting lines={3} />;
  if (schedule.isError) return <Failure error={schedule.error} retry={() => void schedule.refetch()} />;
  return schedule.data.at === null ? null : <Scheduled path={path} schedule={schedule.data} />;
}

function Scheduled({ path, schedule }: { path: ProjectPath; schedule: Schedule }) {
  const { at, timezone, next, triggers, held, behind, paused, underWay } = schedule;
  const may = useMay();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  const start = async (reason: string | undefined) => {
    const run = await api.startRun(path.client, path.project, { reason });
    await queryClient.invalidateQueries(scheduleQuery(path));
    await navigate({ to: "/runs/$runId", params: { runId: String(run.id) } });
  };
  return (
    <Section
      title="Schedule"
      lead={`${at}, ${timezone}`}
      actions={
        may("operate") &&
        (underWay === null ? (
          <Button size="xs" leftSection={<IconPlayerPlay size={15} aria-hidden />} onClick={() => setAsking(true)}>
            Run now
          </Button>
        ) : (
          <PageLink to="/runs/$runId" params={{ runId: String(underWay) }}>
            Run {underWay} is under way
          </PageLink>
        ))
      }
    >
      <Stack gap="md">
        {behind && (
          <Alert color="red" variant="light">
            A trigger was due and has not started: no scheduler is running. See Operations.
          </Alert>
        )}
        {paused === "rehearsal" && (
          <Alert color="gray" variant="light">
            While the project rehearses, its files are worked on as they come. The schedule begins when it goes live.
          </Alert>
        )}
        {next[0] !== undefined && (
          <Text>
            Next: <When at={next[0].at} as="time" />{" "}
            <Text span c="var(--quiet)">
              ({next[0].local} there)
            </Text>
          </Text>
        )}
        {held.length > 0 && (
          <div>
            <Text fw={560}>{count(held.length, "file")} waiting</Text>
            <List size="sm">
              {held.slice(0, 8).map(({ batchId, fileName }) => (
                <List.Item key={batchId}>
                  <PageLink to="/batches/$batchId" params={{ batchId: String(batchId) }}>
                    {fileName}
                  </PageLink>
                </List.Item>
              ))}
            </List>
          </div>
        )}
        {triggers.length > 0 && (
          <ul className={classes.triggers} aria-label="The last triggers">
            {triggers.slice(0, 7).map((trigger) => (
              <Trigger key={`${trigger.dueAt} ${trigger.by}`} trigger={trigger} />
            ))}
          </ul>
        )}
      </Stack>
      <Ask
        opened={asking}
        onClose={() => setAsking(false)}
        title="Start a run now?"
        verb="Run now"
        reason="optional"
        onYes={start}
      >
        {held.length === 0
          ? "No file waits at the moment: the run will report every expected table as missing."
          : `The ${count(held.length, "file")} that wait are worked on now. The next trigger comes as planned.`}
      </Ask>
    </Section>
  );
}

function Trigger({ trigger: { local, by, actor, outcome, run } }: { trigger: TriggerView }) {
  return (
    <li>
      <Group gap="sm">
        <Text className="figures">{local}</Text>
        {outcome === "skipped" && <Text c="var(--quiet)">skipped: no scheduler ran then</Text>}
        {run !== null && (
          <>
            {run.status !== null && <TableMark status={run.status} />}
            <PageLink to="/runs/$runId" params={{ runId: String(run.id) }}>
              Run {run.id}
            </PageLink>
          </>
        )}
        {by === "person" && <Text c="var(--quiet)">by {actor ?? "a person"}</Text>}
      </Group>
    </li>
  );
}
