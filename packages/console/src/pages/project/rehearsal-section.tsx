import type { RehearsalLine, RehearsalState } from "@inlet/contracts";
import { Button, Group, Stack, Text } from "@mantine/core";
import { IconClock } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { useChanges } from "../../api/live.ts";
import { projectsQuery } from "../../api/projects.ts";
import { useMay } from "../../api/session.ts";
import { useThrottled } from "../../api/throttle.ts";
import { Ask } from "../../parts/ask.tsx";
import { Mark, type Tone } from "../../parts/mark.tsx";
import { ProjectMark } from "../../parts/project-mark.tsx";
import { Section } from "../../parts/section.tsx";
import { Failure, Waiting } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";
import { type ProjectPath, rehearsalQuery } from "./project-queries.ts";
import classes from "./rehearsal-section.module.css";

const LOOK_MS = 1_000;

const STATES: Readonly<Record<Exclude<RehearsalState, "not_needed">, { tone: Tone; word: string }>> = {
  green: { tone: "good", word: "Good" },
  warning: { tone: "warning", word: "Look at it" },
  red: { tone: "bad", word: "Not right" },
  waiting: { tone: "still", word: "Not seen yet" },
};

/** Whether the project is live; while it rehearses, what was seen of everything that was agreed on. */
export function RehearsalSection({ path }: { path: ProjectPath }) {
  const { client, project } = path;
  const queryClient = useQueryClient();
  const may = useMay();
  const rehearsal = useQuery(rehearsalQuery(path));
  const [asked, setAsked] = useState<"live" | "rehearse">();
  const look = useThrottled(() => void queryClient.invalidateQueries(rehearsalQuery(path)), LOOK_MS);
  useChanges({
    onBatches: (changes) => changes.some((change) => change.client === client && change.project === project) && look(),
    onReset: look,
  });
  if (rehearsal.isPending) return <Waiting lines={3} />;
  if (rehearsal.isError) return <Failure error={rehearsal.error} retry={() => void rehearsal.refetch()} />;
  const { state, since, liveAt, passed, lines } = rehearsal.data;
  const shown = lines.filter((line) => line.state !== "not_needed");
  const act = async (reason: string | undefined) => {
    const changed = await (asked === "live" ? api.goLive : api.beginRehearsal)(client, project, { reason });
    queryClient.setQueryData(rehearsalQuery(path).queryKey, changed);
    await queryClient.invalidateQueries(projectsQuery);
  };
  return (
    <Section
      title={state === "live" ? "Live" : "Rehearsal"}
      lead={
        state === "live" ? (
          <>
            Its files reach its tables
            {liveAt !== null && (
              <>
                , since <When at={liveAt} as="time" />
              </>
            )}
            .
          </>
        ) : (
          <>
            Its files go through every stage, and reach no table. Send one of each table and watch the list turn green
            {since !== null && (
              <>
                ; since <When at={since} as="time" />
              </>
            )}
            .
          </>
        )
      }
      actions={
        <>
          <ProjectMark state={state} />
          {may("operate") &&
            (state === "live" ? (
              <Button size="xs" variant="default" onClick={() => setAsked("rehearse")}>
                Rehearse again
              </Button>
            ) : (
              <Button size="xs" variant={passed ? "filled" : "default"} onClick={() => setAsked("live")}>
                Go live
              </Button>
            ))}
        </>
      }
    >
      {state === "rehearsal" && (
        <ul className={classes.lines}>
          {shown.map((line) => (
            <Line key={`${line.id} ${line.table ?? ""}`} line={line} />
          ))}
        </ul>
      )}
      {asked !== undefined && (
        <Ask
          opened
          onClose={() => setAsked(undefined)}
          title={asked === "live" ? "Go live?" : "Put this project into rehearsal?"}
          verb={asked === "live" ? "Go live" : "Rehearse"}
          reason={asked === "live" && passed ? "optional" : "needed"}
          danger={asked === "rehearse"}
          onYes={act}
        >
          {asked === "live"
            ? passed
              ? "Everything was seen and is right. From now on files reach the project's tables."
              : "Not everything of the list is green yet. Say why it may go live all the same."
            : "From now on nothing of its files reaches its tables, until it goes live again."}
        </Ask>
      )}
    </Section>
  );
}

function Line({ line }: { line: RehearsalLine }) {
  if (line.state === "not_needed") return null;
  const { tone, word } = STATES[line.state];
  return (
    <li className={classes.line}>
      <Mark tone={tone} icon={line.state === "waiting" ? IconClock : undefined} compact>
        {word}
      </Mark>
      <Stack gap={0}>
        <Group gap={6}>
          <Text fw={560}>{line.title}</Text>
          {line.table !== null && (
            <Text fz="sm" c="var(--quiet)">
              {line.table}
            </Text>
          )}
        </Group>
        {(line.found ?? line.expected) !== null && (
          <Text fz="sm" c="var(--quiet)">
            {line.found ?? `Agreed: ${line.expected}`}
          </Text>
        )}
        {line.whatToDo !== null && <Text fz="sm">{line.whatToDo}</Text>}
      </Stack>
    </li>
  );
}
