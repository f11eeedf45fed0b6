import type { PullDetail } from "@inlet/contracts";
import { bytes, count, duration, figure } from "@inlet/contracts/figures";
import { Alert, Badge, Button, Code, Group, List, Stack, Text } from "@mantine/core";
import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/session.ts";
import { Ask } from "../../parts/ask.tsx";
import { codeText } from "../../parts/code-text.ts";
import { Facts } from "../../parts/facts.tsx";
import { ButtonLink, PageLink } from "../../parts/links.tsx";
import { Page } from "../../parts/page.tsx";
import { Section } from "../../parts/section.tsx";
import { When } from "../../parts/when.tsx";
import { ProbeResultSections } from "./probe-result.tsx";
import { PullFigures } from "./pull-figures.tsx";
import { isUnderWay, pullQuery, startAgain } from "./pull-queries.ts";
import { askerOf, connectorWord, PullMark, reasonOf } from "./pull-words.tsx";

const route = getRouteApi("/signed-in/pulls/$pullId");

/** One pull: what was expected and what came, what stopped it, and what can be done. */
export function PullPage() {
  const id = Number(route.useParams().pullId);
  const { data: pull } = useSuspenseQuery(pullQuery(id));
  const isProbe = pull.purpose === "probe";
  const title = isProbe ? `Probe of ${pull.resource}` : `Pull of ${pull.table}`;
  const path = { client: pull.client, project: pull.project };
  return (
    <Page
      title={title}
      heading={
        <Group gap="sm" component="span">
          <span>{title}</span>
          <Text span fz="md" aria-live="polite">
            <PullMark pull={pull} />
          </Text>
          {pull.rehearsal && !isProbe && (
            <Badge color="yellow" variant="light">
              Rehearsal: in no table
            </Badge>
          )}
        </Group>
      }
      crumbs={[
        <PageLink key="project" to="/projects/$client/$project" params={path}>
          {pull.client}/{pull.project}
        </PageLink>,
        <PageLink key="pulls" to="/projects/$client/$project/pulls" params={path}>
          Pulls
        </PageLink>,
        <span key="pull">Pull {id}</span>,
      ]}
      lead={`${connectorWord(pull.system.connector)} at ${pull.system.host}`}
      actions={<Actions pull={pull} />}
    >
      <Trouble pull={pull} />
      {isProbe ? <ProbeWords pull={pull} /> : <PullFigures pull={pull} />}
      {pull.probe !== null && <ProbeResultSections probe={pull.probe} table={pull.table} />}
      {pull.duplicates > 0 && <Duplicates pull={pull} />}
      <PullFacts pull={pull} />
    </Page>
  );
}

/** What stopped it, or what its last attempt met, and what to do: the API says both. */
function Trouble({ pull }: { pull: PullDetail }) {
  const reason = reasonOf(pull);
  if (reason === undefined) return null;
  const isOver = !isUnderWay(pull);
  const isBad = pull.outcome === "stopped" || pull.outcome === "not_imported";
  return (
    <Alert
      color={isBad ? "red" : isOver ? "gray" : "yellow"}
      variant="light"
      role="status"
      title={
        isBad
          ? "Nothing was imported"
          : isOver
            ? codeText(reason.code)
            : "The last attempt failed; it is tried again by itself"
      }
    >
      <Text fz="sm" mb={4}>
        {reason.message}
      </Text>
      {!isOver && pull.notBefore !== null && (
        <Text fz="sm">
          Next attempt <When at={pull.notBefore} />.
        </Text>
      )}
      <Text fz="sm" c="var(--quiet)">
        Reason code <code>{reason.code}</code>
      </Text>
    </Alert>
  );
}

function ProbeWords({ pull: { probe, outcome } }: { pull: PullDetail }) {
  if (probe === null) {
    return outcome === "stopped" ? null : (
      <Text c="var(--quiet)" role="status">
        The system is being asked…
      </Text>
    );
  }
  const counted = probe.count === null ? "It does not say how many items there are." : `${count(probe.count, "item")}.`;
  return (
    <Alert color="green" variant="light" title="Access granted" role="status">
      {counted} Nothing was imported.
    </Alert>
  );
}

function Actions({ pull }: { pull: PullDetail }) {
  const may = useMay();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const [asking, setAsking] = useState<"cancel" | "again">();
  const look = () => queryClient.invalidateQueries({ queryKey: pullQuery(pull.id).queryKey });
  const again = async (reason: string | undefined) => {
    const { pulls } = await startAgain(pull, reason);
    await navigate({ to: "/pulls/$pullId", params: { pullId: String(pulls[0]!.id) } });
  };
  const probeAgain = async () => {
    const { id } = await api.probe(pull.client, pull.project, { table: pull.table });
    await navigate({ to: "/pulls/$pullId", params: { pullId: String(id) } });
  };
  return (
    <>
      {pull.batch !== null && (
        <ButtonLink to="/batches/$batchId" params={{ batchId: String(pull.batch.id) }} variant="default">
          Batch {pull.batch.id}
        </ButtonLink>
      )}
      {may("operate") && pull.cancellable && (
        <Button variant="default" onClick={() => setAsking("cancel")}>
          Cancel
        </Button>
      )}
      {may("operate") && !isUnderWay(pull) && (
        <Button onClick={() => setAsking("again")}>{pull.purpose === "probe" ? "Probe again" : "Pull again"}</Button>
      )}
      <Ask
        opened={asking === "cancel"}
        onClose={() => setAsking(undefined)}
        title={`Cancel pull ${pull.id}?`}
        verb="Cancel the pull"
        danger
        reason="optional"
        onYes={async (reason) => {
          await api.cancelPull(pull.id, { reason });
          await look();
        }}
      >
        What has come is given up, and nothing of it is imported. The table stays as it is.
      </Ask>
      {asking === "again" && pull.purpose === "import" && (
        <Ask
          opened
          onClose={() => setAsking(undefined)}
          title={`Pull ${pull.table} again?`}
          verb="Pull again"
          reason="optional"
          onYes={again}
        >
          {pull.full ? "All of it is pulled anew." : "What has changed since the last good pull is pulled."}
        </Ask>
      )}
      {asking === "again" && pull.purpose === "probe" && (
        <Ask
          opened
          onClose={() => setAsking(undefined)}
          title={`Probe ${pull.resource} again?`}
          verb="Probe again"
          onYes={probeAgain}
        >
          Nothing is imported.
        </Ask>
      )}
    </>
  );
}

/** Items whose key had come before. */
function Duplicates({ pull: { duplicates, duplicateSamples } }: { pull: PullDetail }) {
  return (
    <Section
      title="Came more than once"
      lead={`${count(duplicates, "item")} had a key that came before in the same pull. Each counts once; where they differ, the later one stays.`}
    >
      <List size="sm">
        {duplicateSamples.map(({ key, same, page }) => (
          <List.Item key={`${key} ${page}`}>
            <Code>{key}</Code> again on page {page}, {same ? "the same" : "with another content"}
          </List.Item>
        ))}
      </List>
    </Section>
  );
}

function PullFacts({ pull }: { pull: PullDetail }) {
  const { trigger, cursor } = pull;
  const isProbe = pull.purpose === "probe";
  return (
    <Section title="Facts">
      <Stack gap="md">
        <Facts
          of={[
            ["What", <Code key="resource">{pull.resource}</Code>],
            [
              "How much",
              isProbe ? undefined : pull.full ? "All of it" : `What has changed since ${cursor.from ?? "ever"}`,
            ],
            ["Asked by", askerOf(pull)],
            ["Reason", trigger.reason ?? undefined],
            ["Asked", <When key="asked" at={pull.askedAt} as="time" />],
            ["Due", trigger.dueAt === null ? undefined : <When key="due" at={trigger.dueAt} as="time" />],
            ["Started", pull.startedAt === null ? undefined : <When key="started" at={pull.startedAt} as="time" />],
            ["Took", pull.durationMs === null || pull.endedAt === null ? undefined : duration(pull.durationMs)],
            ["Attempts", pull.attempts > 1 ? figure(pull.attempts) : undefined],
            ["Pages", isProbe ? undefined : figure(pull.pages)],
            ["Page that failed", pull.failedPage === null ? undefined : figure(pull.failedPage)],
            [
              "Begun anew",
              pull.rounds === 0 ? undefined : `${count(pull.rounds, "time")}: the number of items changed meanwhile`,
            ],
            ["Received", pull.receivedBytes === 0 ? undefined : bytes(pull.receivedBytes)],
            ["The next asks since", cursor.to ?? undefined],
            ["Monitored", isProbe ? undefined : pull.monitored ? "Yes: all of it, or nothing" : "No"],
            ["Profile", `version ${pull.profileVersion}`],
            [
              "Run",
              pull.runId === null ? undefined : (
                <PageLink key="run" to="/runs/$runId" params={{ runId: String(pull.runId) }}>
                  Run {pull.runId}
                </PageLink>
              ),
            ],
          ]}
        />
      </Stack>
    </Section>
  );
}
