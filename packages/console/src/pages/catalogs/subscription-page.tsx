import type { SyncLetterState } from "@inlet/contracts";
import { count, figure } from "@inlet/contracts/figures";
import { Alert, Button, Progress, SegmentedControl, Stack, Text } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/session.ts";
import { Copy } from "../../parts/copy.tsx";
import { Facts } from "../../parts/facts.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Page } from "../../parts/page.tsx";
import { Section } from "../../parts/section.tsx";
import { ShowOlder } from "../../parts/show-older.tsx";
import { Failure, Nothing, Waiting } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";
import { Comparisons } from "./comparisons.tsx";
import { Incoming } from "./incoming.tsx";
import { directionText, lagText } from "./lag-text.ts";
import { LetterList } from "./letter-list.tsx";
import { SendAgain } from "./send-again.tsx";
import { SubscriptionMark } from "./subscription-mark.tsx";
import { lettersQuery, subscriptionQuery } from "./subscription-query.ts";

const route = getRouteApi("/signed-in/subscriptions/$subscriptionId");

/** One outside system: how far it is, what it did not take, and what a person may do. */
export function SubscriptionPage() {
  const id = Number(route.useParams().subscriptionId);
  const { data: subscription } = useSuspenseQuery(subscriptionQuery(id));
  const may = useMay();
  const queryClient = useQueryClient();
  const [state, setState] = useState<SyncLetterState>();
  const [again, setAgain] = useState(false);
  const letters = useInfiniteQuery(lettersQuery(id, state));
  const refresh = () => queryClient.invalidateQueries({ queryKey: ["subscription", id] });
  const pause = useMutation({
    mutationFn: () => (subscription.paused === null ? api.pauseSubscription(id) : api.resumeSubscription(id)),
    onSettled: refresh,
  });
  const resume = useMutation({ mutationFn: () => api.resumeSubscription(id), onSettled: refresh });
  const poll = useMutation({ mutationFn: () => api.pollSubscription(id), onSettled: refresh });
  const retryAll = useMutation({ mutationFn: () => api.retryLetters(id), onSettled: refresh });
  const { client, project, catalog, name, use, backfill } = subscription;
  const rows = letters.data?.pages.flatMap((page) => page.letters) ?? [];
  const isRunning = subscription.state !== "ended";
  const tryNow = may("operate") && (
    <Button size="xs" variant="light" color="gray" mt="sm" loading={resume.isPending} onClick={() => resume.mutate()}>
      Try now
    </Button>
  );
  return (
    <Page
      title={name}
      crumbs={[
        <PageLink key="catalogs" to="/catalogs" search={{ client }}>
          Catalog sync of {client}
        </PageLink>,
      ]}
      lead={
        <>
          Kept in step with{" "}
          <PageLink
            to="/catalogs/$client/$project/$table"
            params={{ client, project, table: catalog }}
            underline="always"
          >
            {catalog}
          </PageLink>{" "}
          of{" "}
          <PageLink to="/projects/$client/$project" params={{ client, project }} underline="always">
            {client} / {project}
          </PageLink>
          .
        </>
      }
      actions={
        may("operate") &&
        isRunning && (
          <>
            {subscription.inward === "poll" && (
              <Button variant="default" loading={poll.isPending} onClick={() => poll.mutate()}>
                Ask it now
              </Button>
            )}
            {subscription.outward && (
              <Button variant="default" onClick={() => setAgain(true)}>
                Send again
              </Button>
            )}
            <Button variant="default" loading={pause.isPending} onClick={() => pause.mutate()}>
              {subscription.paused === null ? "Pause" : "Resume"}
            </Button>
          </>
        )
      }
    >
      {subscription.problem !== null && (
        <Alert color="red" variant="light" title="It cannot run as its profile has it" role="status">
          <Text fz="sm">{subscription.problem.message}</Text>
          {tryNow}
        </Alert>
      )}
      {subscription.state === "failing" && subscription.lastError !== null && (
        <Alert color="yellow" variant="light" title="The other system takes nothing just now" role="status">
          <Text fz="sm">{subscription.lastError.message}</Text>
          {subscription.nextAttemptAt !== null && (
            <Text fz="sm">
              Nothing is lost. It is tried again by itself, next <When at={subscription.nextAttemptAt} />.
            </Text>
          )}
          {tryNow}
        </Alert>
      )}
      {isRunning && subscription.paused === null && subscription.incoming?.error && (
        <Alert color="yellow" variant="light" title="The other system could not be asked" role="status">
          <Text fz="sm">{subscription.incoming.error.message}</Text>
          {subscription.incoming.nextPollAt !== null && (
            <Text fz="sm">
              It is asked again by itself, next <When at={subscription.incoming.nextPollAt} />.
            </Text>
          )}
        </Alert>
      )}
      {(pause.isError || poll.isError || resume.isError) && (
        <Failure error={pause.error ?? poll.error ?? resume.error} />
      )}
      <Section title="How it fares">
        <Stack gap="md">
          {backfill !== null && backfill.total !== null && backfill.total > 0 && (
            <Progress
              value={Math.min(100, (100 * backfill.done) / backfill.total)}
              aria-label={`First copy: ${figure(backfill.done)} of about ${count(backfill.total, "item")}`}
            />
          )}
          <Facts
            of={[
              ["State", <SubscriptionMark key="state" subscription={subscription} />],
              ["Behind", lagText(subscription)],
              ["Goes", directionText(subscription)],
              ["Subscriber", use],
              ["Sent", subscription.outward ? count(subscription.pushed, "change") : undefined],
              [
                "Last success",
                subscription.lastSuccessAt === null ? "Never" : <When key="success" at={subscription.lastSuccessAt} />,
              ],
              ["Compared", subscription.reconciles ?? undefined],
              [
                "Paused",
                subscription.paused === null ? undefined : (
                  <span key="paused">
                    <When at={subscription.paused.at} />
                    {subscription.paused.by !== null && ` by ${subscription.paused.by}`}
                  </span>
                ),
              ],
              [
                "Its webhooks go to",
                subscription.inwardAddress === null ? undefined : (
                  <span key="inward">
                    <code>{subscription.inwardAddress}</code>{" "}
                    <Copy value={subscription.inwardAddress} what="the address" />
                  </span>
                ),
              ],
            ]}
          />
        </Stack>
      </Section>
      {subscription.incoming !== null && <Incoming incoming={subscription.incoming} />}
      <Section
        title="What was not taken"
        flush
        actions={
          <>
            {may("operate") && subscription.letters.dead > 1 && (
              <Button size="xs" variant="default" loading={retryAll.isPending} onClick={() => retryAll.mutate()}>
                Try all {subscription.letters.dead} again
              </Button>
            )}
            <SegmentedControl
              size="xs"
              aria-label="Which items"
              value={state ?? "all"}
              onChange={(value) => setState(value === "all" ? undefined : (value as SyncLetterState))}
              data={[
                { value: "all", label: "All" },
                { value: "dead", label: "Given up" },
                { value: "retrying", label: "Retrying" },
                { value: "dismissed", label: "Dismissed" },
              ]}
            />
          </>
        }
      >
        {retryAll.isError && <Failure error={retryAll.error} />}
        {letters.isPending && <Waiting />}
        {letters.isError && <Failure error={letters.error} />}
        {letters.isSuccess && rows.length === 0 && (
          <Nothing title="Nothing">
            {state === undefined ? "Every item that was sent either way was taken." : "There is no such item."}
          </Nothing>
        )}
        {rows.length > 0 && (
          <LetterList
            subscription={subscription}
            letters={rows}
            onChanged={refresh}
            foot={<ShowOlder list={letters} />}
          />
        )}
      </Section>
      <Comparisons subscription={subscription} />
      {again && <SendAgain subscription={subscription} onClose={() => setAgain(false)} onDone={refresh} />}
    </Page>
  );
}
