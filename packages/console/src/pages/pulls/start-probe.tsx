import type { PullStates } from "@inlet/contracts";
import { Button, Group, Modal, Select, Stack, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { Failure } from "../../parts/states.tsx";
import type { ProjectPath } from "../project/project-queries.ts";

interface StartProbeProps {
  path: ProjectPath;
  state: PullStates;
  onClose: () => void;
}

/** Asks for a look at what the system has, and goes to where it is shown. */
export function StartProbe({ path, state, onClose }: StartProbeProps) {
  const navigate = useNavigate();
  const [table, setTable] = useState(state.tables[0]?.table ?? "");
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const probe = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const { id } = await api.probe(path.client, path.project, { table });
      await navigate({ to: "/pulls/$pullId", params: { pullId: String(id) } });
    } catch (thrown) {
      setError(thrown);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title="Probe the system?">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void probe();
        }}
      >
        <Stack gap="md">
          <Text>
            Shows whether we get in, how many items there are, what an item looks like, and how the first would be as
            rows. Nothing is imported.
          </Text>
          <Select
            label="Table"
            data={state.tables.map(({ table: name, resource }) => ({
              value: name,
              label: resource === name ? name : `${name} (${resource})`,
            }))}
            value={table}
            allowDeselect={false}
            onChange={(chosen) => setTable(chosen ?? table)}
          />
          {error !== undefined && <Failure error={error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Go back
            </Button>
            <Button type="submit" loading={busy}>
              Probe
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
