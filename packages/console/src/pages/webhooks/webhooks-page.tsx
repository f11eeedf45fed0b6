import type { CreatedWebhook, Webhook } from "@inlet/contracts";
import { Button, Stack, Text } from "@mantine/core";
import { IconPlus, IconWebhook } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { projectsQuery } from "../../api/projects.ts";
import { useMay, useSession } from "../../api/session.ts";
import { ClientSelect } from "../../parts/client-select.tsx";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Page } from "../../parts/page.tsx";
import { ShownOnce } from "../../parts/shown-once.tsx";
import { Failure, Nothing, Waiting } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";
import { NewWebhook } from "./new-webhook.tsx";
import { WebhookMark } from "./webhook-mark.tsx";
import { webhooksQuery } from "./webhook-query.ts";

const route = getRouteApi("/signed-in/webhooks");
const column = columnsOf<Webhook>();

const COLUMNS = [
  column.accessor("url", {
    header: "Address",
    meta: { grow: true },
    cell: ({ row: { original } }) => (
      <Stack gap={0}>
        <PageLink to="/webhooks/$webhookId" params={{ webhookId: String(original.id) }} c="inherit" fw={560}>
          {original.url}
        </PageLink>
        <Text fz="sm" c="var(--quiet)">
          {original.project ?? "All projects"}
          {original.description !== "" && ` · ${original.description}`}
        </Text>
      </Stack>
    ),
  }),
  column.display({ id: "state", header: "State", cell: ({ row }) => <WebhookMark webhook={row.original} /> }),
  column.accessor("events", {
    header: "Events",
    meta: { from: "md" },
    cell: ({ getValue }) => getValue().join(", "),
  }),
  column.accessor("lastSuccessAt", {
    header: "Last told",
    meta: { from: "sm", align: "end" },
    cell: ({ getValue }) => {
      const at = getValue();
      return at === null ? "Never" : <When at={at} />;
    },
  }),
];

/** Addresses of a client's own systems that are told of events. */
export function WebhooksPage() {
  const { client: asked } = route.useSearch();
  const session = useSession();
  const may = useMay();
  const navigate = useNavigate();
  const projects = useQuery(projectsQuery);
  const client = session.client ?? asked ?? projects.data?.[0]?.client;
  const webhooks = useQuery({ ...webhooksQuery(client ?? ""), enabled: client !== undefined });
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<CreatedWebhook>();
  return (
    <Page
      title="Webhooks"
      lead="Addresses of a client's own systems that are told when a file has come, was imported or was rejected."
      actions={
        may("configure") &&
        client !== undefined && (
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
            Add a webhook
          </Button>
        )
      }
    >
      {session.client === null && (
        <div style={{ maxWidth: 280 }}>
          <ClientSelect
            required
            value={client ?? null}
            onChange={(chosen) =>
              void navigate({ to: "/webhooks", search: chosen ? { client: chosen } : {}, replace: true })
            }
          />
        </div>
      )}
      {made !== undefined && (
        <ShownOnce title="The signing secret" value={made.secret} what="the secret">
          Its receiver verifies with it that an event comes from here. Copy it now: it cannot be shown again.
        </ShownOnce>
      )}
      {client !== undefined && webhooks.isPending && <Waiting />}
      {webhooks.isError && <Failure error={webhooks.error} retry={() => void webhooks.refetch()} />}
      {webhooks.data?.length === 0 && (
        <Nothing icon={<IconWebhook size={22} />} title={`Nobody is told of ${client}'s files yet`}>
          A webhook is an address that gets a signed message for each event, and again for days if it does not answer.
        </Nothing>
      )}
      {webhooks.data !== undefined && webhooks.data.length > 0 && (
        <DataTable
          caption={`Webhooks of ${client}`}
          columns={COLUMNS}
          rows={webhooks.data}
          rowId={({ id }) => String(id)}
          onOpen={({ id }) => void navigate({ to: "/webhooks/$webhookId", params: { webhookId: String(id) } })}
        />
      )}
      {client !== undefined && (
        <NewWebhook
          client={client}
          opened={adding}
          onClose={() => setAdding(false)}
          onMade={(webhook) => {
            setAdding(false);
            setMade(webhook);
          }}
        />
      )}
    </Page>
  );
}
