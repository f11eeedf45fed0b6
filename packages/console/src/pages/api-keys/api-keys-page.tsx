import type { ApiKey, CreatedApiKey } from "@inlet/contracts";
import { Anchor, Button, Code, Stack, Switch, Text } from "@mantine/core";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Page } from "../../parts/page.tsx";
import { ROLE_WORDS } from "../../parts/role-words.ts";
import { ShownOnce } from "../../parts/shown-once.tsx";
import { Failure, Nothing, Waiting } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";
import { ApiKeyMenu } from "./api-key-menu.tsx";
import { apiKeysQuery } from "./api-keys-query.ts";
import { NewApiKey } from "./new-api-key.tsx";

const column = columnsOf<ApiKey>();

/** Keys for programs: who has one, what it may, when it was used. */
export function ApiKeysPage() {
  const keys = useQuery(apiKeysQuery);
  const [adding, setAdding] = useState(false);
  const [withRevoked, setWithRevoked] = useState(false);
  const [made, setMade] = useState<CreatedApiKey>();
  const columns = [
    column.accessor("name", {
      header: "Name",
      meta: { grow: true },
      cell: ({ row: { original } }) => (
        <Stack gap={0}>
          <Text fw={560}>{original.name}</Text>
          <Text fz="sm" c="var(--quiet)">
            <Code>inlet_{original.prefix}_…</Code>
          </Text>
        </Stack>
      ),
    }),
    column.accessor("role", {
      header: "May",
      cell: ({ row: { original: key } }) =>
        `${ROLE_WORDS[key.role]}${key.client === null ? "" : ` of ${key.client}`}${key.access === null ? "" : `: ${key.access.join(", ")}`}`,
    }),
    column.display({
      id: "state",
      header: "State",
      meta: { from: "sm" },
      cell: ({ row: { original } }) => <KeyState apiKey={original} />,
    }),
    column.accessor("lastUsedAt", {
      header: "Last used",
      meta: { from: "md" },
      cell: ({ row: { original: key } }) =>
        key.lastUsedAt === null ? (
          "Never"
        ) : (
          <>
            <When at={key.lastUsedAt} />
            {key.lastUsedFrom !== null && (
              <Text fz="sm" c="var(--quiet)">
                from {key.lastUsedFrom}
              </Text>
            )}
          </>
        ),
    }),
    column.display({
      id: "menu",
      header: () => <span className="only-for-readers">What can be done</span>,
      meta: { align: "end" },
      cell: ({ row: { original } }) => original.revokedAt === null && <ApiKeyMenu apiKey={original} onMade={setMade} />,
    }),
  ];
  const shown = (keys.data ?? []).filter(({ revokedAt }) => withRevoked || revokedAt === null);
  return (
    <Page
      title="API keys"
      lead={
        <>
          For programs: everything that this console does, the API does too. See its{" "}
          <Anchor href="/docs" underline="always">
            description
          </Anchor>
          .
        </>
      }
      actions={
        <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
          Create a key
        </Button>
      }
    >
      {made !== undefined && <ShownOnce title={`The key “${made.name}”`} value={made.key} what="the key" />}
      <Switch
        label="Also those that were revoked"
        checked={withRevoked}
        onChange={(event) => setWithRevoked(event.currentTarget.checked)}
      />
      {keys.isPending && <Waiting />}
      {keys.isError && <Failure error={keys.error} retry={() => void keys.refetch()} />}
      {keys.isSuccess && shown.length === 0 && <Nothing icon={<IconKey size={22} />} title="No API keys" />}
      {shown.length > 0 && (
        <DataTable caption="API keys" columns={columns} rows={shown} rowId={({ id }) => String(id)} />
      )}
      <NewApiKey
        opened={adding}
        onClose={() => setAdding(false)}
        onMade={(key) => {
          setAdding(false);
          setMade(key);
        }}
      />
    </Page>
  );
}

function KeyState({ apiKey: { revokedAt, expiresAt } }: { apiKey: ApiKey }) {
  if (revokedAt !== null) return <Mark tone="still">Revoked</Mark>;
  if (expiresAt === null) return <Mark tone="good">Active</Mark>;
  const isOver = Date.parse(expiresAt) <= Date.now();
  return (
    <Mark tone={isOver ? "warning" : "good"}>
      {isOver ? "Expired" : "Until"} <When at={expiresAt} as="time" />
    </Mark>
  );
}
