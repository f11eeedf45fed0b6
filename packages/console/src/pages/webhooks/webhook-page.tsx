import type { CreatedWebhook } from "@inlet/contracts";
import { Alert, Button, SegmentedControl, Stack } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/session.ts";
import { Ask } from "../../parts/ask.tsx";
import { Facts } from "../../parts/facts.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Page } from "../../parts/page.tsx";
import { Section } from "../../parts/section.tsx";
import { ShownOnce } from "../../parts/shown-once.tsx";
import { Failure, Nothing, Waiting } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";
import { DeliveryList } from "./delivery-list.tsx";
import { EVENT_WORDS } from "./event-words.ts";
import { WebhookMark } from "./webhook-mark.tsx";
import { deliveriesQuery, webhookQuery, webhooksQuery } from "./webhook-query.ts";

const route = getRouteApi("/signed-in/webhooks/$webhookId");

/** One webhook: what it is told of, how it fares, and everything that it was told. */
export function WebhookPage() {
  const id = Number(route.useParams().webhookId);
  const { data: webhook } = useSuspenseQuery(webhookQuery(id));
  const may = useMay();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [state, setState] = useState<"failed" | undefined>();
  const [asked, setAsked] = useState<"rotate" | "remove">();
  const [made, setMade] = useState<CreatedWebhook>();
  const deliveries = useInfiniteQuery(deliveriesQuery(id, state));
  const refresh = () => queryClient.invalidateQueries({ queryKey: ["webhook", id] });
  const enable = useMutation({
    mutationFn: () => api.changeWebhook(id, { enabled: !webhook.enabled }),
    onSettled: refresh,
  });
  const ping = useMutation({ mutationFn: () => api.pingWebhook(id), onSettled: refresh });
  const act = async () => {
    if (asked === "rotate") setMade(await api.rotateWebhook(id));
    if (asked === "remove") {
      await api.removeWebhook(id);
      await queryClient.invalidateQueries(webhooksQuery(webhook.client));
      await navigate({ to: "/webhooks", search: { client: webhook.client } });
      return;
    }
    await refresh();
  };
  const rows = deliveries.data?.pages.flatMap((page) => page.deliveries) ?? [];
  return (
    <Page
      title={webhook.url}
      crumbs={[
        <PageLink key="webhooks" to="/webhooks" search={{ client: webhook.client }}>
          Webhooks of {webhook.client}
        </PageLink>,
      ]}
      lead={webhook.description}
      actions={
        may("configure") && (
          <>
            <Button variant="default" onClick={() => setAsked("remove")}>
              Remove
            </Button>
            <Button variant="default" onClick={() => setAsked("rotate")}>
              Rotate the secret
            </Button>
            <Button variant="default" loading={enable.isPending} onClick={() => enable.mutate()}>
              {webhook.enabled ? "Disable" : "Enable"}
            </Button>
            <Button loading={ping.isPending} onClick={() => ping.mutate()}>
              Send a test
            </Button>
          </>
        )
      }
    >
      {webhook.disabledReason !== null && (
        <Alert color="red" variant="light" title="This webhook was disabled" role="status">
          {webhook.disabledReason} Mend its receiver, then enable it.
        </Alert>
      )}
      {(ping.isError || enable.isError) && <Failure error={ping.error ?? enable.error} />}
      {made !== undefined && <ShownOnce title="The new signing secret" value={made.secret} what="the secret" />}
      <Section title="Facts">
        <Facts
          of={[
            ["State", <WebhookMark key="state" webhook={webhook} />],
            ["Project", webhook.project ?? "All projects of the client"],
            [
              "Told when",
              <Stack key="events" gap={0}>
                {webhook.events.map((event) => (
                  <span key={event}>{EVENT_WORDS[event]}</span>
                ))}
              </Stack>,
            ],
            ["Secrets", secretsText(webhook.secrets)],
            ["Last told", webhook.lastSuccessAt === null ? "Never" : <When key="told" at={webhook.lastSuccessAt} />],
          ]}
        />
      </Section>
      <Section
        title="What it was told"
        flush
        actions={
          <SegmentedControl
            size="xs"
            aria-label="Which deliveries"
            value={state ?? "all"}
            onChange={(value) => setState(value === "failed" ? "failed" : undefined)}
            data={[
              { value: "all", label: "All" },
              { value: "failed", label: "Failed" },
            ]}
          />
        }
      >
        {deliveries.isPending && <Waiting />}
        {deliveries.isError && <Failure error={deliveries.error} />}
        {deliveries.isSuccess && rows.length === 0 && (
          <Nothing title="Nothing yet">Send a test to see what it answers.</Nothing>
        )}
        {rows.length > 0 && (
          <DeliveryList
            deliveries={rows}
            onResent={refresh}
            more={deliveries.hasNextPage ? () => void deliveries.fetchNextPage() : undefined}
          />
        )}
      </Section>
      {asked !== undefined && (
        <Ask
          opened
          onClose={() => setAsked(undefined)}
          title={asked === "rotate" ? "Rotate the signing secret?" : "Remove this webhook?"}
          verb={asked === "rotate" ? "Rotate" : "Remove"}
          danger={asked === "remove"}
          onYes={act}
        >
          {asked === "rotate"
            ? "A new secret is made and shown once. For 24 hours events are signed with both, so that its receiver can change over."
            : "It is not told of anything any more, and the record of what it was told goes with it."}
        </Ask>
      )}
    </Page>
  );
}

function secretsText(secrets: { hint: string; expiresAt: string | null }[]): string {
  return secrets
    .map(({ hint, expiresAt }) => (expiresAt === null ? hint : `${hint} (until ${expiresAt.slice(0, 16)} UTC)`))
    .join(", ");
}
