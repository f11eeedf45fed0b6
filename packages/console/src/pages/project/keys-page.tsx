import type { PgpKey } from "@inlet/contracts";
import { Alert, Anchor, Button, Code, Group, List, Modal, Stack, Text, Textarea } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/session.ts";
import { Ask } from "../../parts/ask.tsx";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Section } from "../../parts/section.tsx";
import { Failure, Nothing, Waiting } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";
import { keysQuery, type ProjectPath } from "./project-queries.ts";

const route = getRouteApi("/signed-in/projects/$client/$project");
const column = columnsOf<PgpKey>();

/** The OpenPGP keys of a project: ours, which clients encrypt to, and the client's own. */
export function KeysPage() {
  const path = route.useParams();
  const { client, project } = path;
  const may = useMay();
  const queryClient = useQueryClient();
  const keys = useQuery(keysQuery(path));
  const [adding, setAdding] = useState(false);
  const [rotating, setRotating] = useState(false);
  const refresh = () => queryClient.invalidateQueries(keysQuery(path));
  const generate = useMutation({ mutationFn: () => api.generatePgpKey(client, project), onSettled: refresh });
  const hasOurs = keys.data?.keys.some(({ owner, state }) => owner === "ours" && state === "active");
  const columns = [
    column.accessor("owner", {
      header: "Whose",
      cell: ({ getValue }) => (getValue() === "ours" ? "Ours" : "The client's"),
    }),
    column.accessor("userId", {
      header: "Key",
      meta: { grow: true },
      cell: ({ row: { original } }) => (
        <Stack gap={0}>
          <Text fw={560}>{original.userId}</Text>
          <Text fz="sm" c="var(--quiet)">
            <Code>{original.fingerprint}</Code> {original.algorithm}
          </Text>
          {original.warnings.map((warning) => (
            <Text key={warning} fz="sm" c="var(--warning)">
              {warning}
            </Text>
          ))}
        </Stack>
      ),
    }),
    column.accessor("state", {
      header: "State",
      cell: ({ getValue }) => (
        <Mark tone={getValue() === "active" ? "good" : "still"}>{getValue() === "active" ? "Active" : "Retired"}</Mark>
      ),
    }),
    column.accessor("expiresAt", {
      header: "Expires",
      meta: { from: "sm" },
      cell: ({ getValue }) => {
        const at = getValue();
        return at === null ? "Never" : <When at={at} as="time" />;
      },
    }),
    column.display({
      id: "public",
      header: () => <span className="only-for-readers">Public key</span>,
      meta: { align: "end" },
      cell: ({ row: { original } }) => (
        <Anchor href={`/v1/clients/${client}/projects/${project}/keys/${original.fingerprint}/public`} download>
          Public key
        </Anchor>
      ),
    }),
  ];
  return (
    <Stack gap="lg">
      {(keys.data?.warnings.length ?? 0) > 0 && (
        <Alert color="yellow" variant="light" title="The profile asks for keys that are not there">
          <List>
            {keys.data?.warnings.map((warning) => (
              <List.Item key={warning}>{warning}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      <Section
        title="OpenPGP keys"
        lead="Clients encrypt to ours; results are encrypted to theirs and signed with ours."
        flush
        actions={
          may("configure") && (
            <>
              <Button size="xs" variant="default" onClick={() => setAdding(true)}>
                Add the client's key
              </Button>
              {hasOurs ? (
                <Button size="xs" variant="default" onClick={() => setRotating(true)}>
                  Rotate ours
                </Button>
              ) : (
                <Button size="xs" loading={generate.isPending} onClick={() => generate.mutate()}>
                  Make ours
                </Button>
              )}
            </>
          )
        }
      >
        {keys.isPending && <Waiting />}
        {keys.isError && <Failure error={keys.error} retry={() => void keys.refetch()} />}
        {generate.isError && <Failure error={generate.error} />}
        {keys.data?.keys.length === 0 && (
          <Nothing icon={<IconLock size={22} />} title="No keys">
            Needed only where files come or go encrypted. Make ours, and give its public part to the client.
          </Nothing>
        )}
        {keys.data !== undefined && keys.data.keys.length > 0 && (
          <DataTable
            caption="OpenPGP keys"
            columns={columns}
            rows={keys.data.keys}
            rowId={({ fingerprint }) => fingerprint}
          />
        )}
      </Section>
      <ImportKey path={path} opened={adding} onClose={() => setAdding(false)} />
      <Ask
        opened={rotating}
        onClose={() => setRotating(false)}
        title="Rotate our key?"
        verb="Rotate"
        onYes={async () => {
          await api.rotatePgpKey(client, project);
          await refresh();
        }}
      >
        A new key is made. The present one still opens what was encrypted to it; give the client the new public key.
      </Ask>
    </Stack>
  );
}

function ImportKey({ path, opened, onClose }: { path: ProjectPath; opened: boolean; onClose: () => void }) {
  const queryClient = useQueryClient();
  const [text, setText] = useState("");
  const add = useMutation({
    mutationFn: () => api.importPgpKey(path.client, path.project, { owner: "theirs", key: text }),
    onSuccess: async () => {
      await queryClient.invalidateQueries(keysQuery(path));
      setText("");
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <Modal opened={opened} onClose={onClose} title="Add the client's public key" size="lg">
      <form onSubmit={submit}>
        <Stack gap="md">
          <Textarea
            label="Public key"
            description="The whole block, from -----BEGIN PGP PUBLIC KEY BLOCK----- on. Never a private key."
            required
            data-autofocus
            autosize
            minRows={8}
            maxRows={16}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          {add.isError && <Failure error={add.error} />}
          <Group justify="flex-end">
            <Button type="submit" loading={add.isPending}>
              Add
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
