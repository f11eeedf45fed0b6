import type { PullStates } from "@inlet/contracts";
import { Button, Checkbox, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { notify } from "../../parts/notify.ts";
import { Failure } from "../../parts/states.tsx";
import type { ProjectPath } from "../project/project-queries.ts";

interface StartPullsProps {
  path: ProjectPath;
  state: PullStates;
  onClose: () => void;
  onStarted: () => void;
}

/** Asks what is to be pulled, and starts it. */
export function StartPulls({ path, state, onClose, onStarted }: StartPullsProps) {
  const all = state.tables.map(({ table }) => table);
  const [tables, setTables] = useState(all);
  const [full, setFull] = useState(false);
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const isIncremental = state.tables.some(({ mode }) => mode === "incremental");
  const start = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const started = await api.startPulls(path.client, path.project, {
        ...(tables.length === all.length ? {} : { tables }),
        full,
        ...(reason.trim() === "" ? {} : { reason: reason.trim() }),
      });
      const [first] = started.underWay;
      notify(
        first === undefined
          ? `Pulling ${started.pulls.map(({ table }) => table).join(", ")}`
          : `Started; of ${first.table} pull ${first.pull} is under way already`,
      );
      onStarted();
      onClose();
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title="Pull now?">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        <Stack gap="md">
          <Text>
            {state.monitored
              ? "All that the system says it has is imported, or nothing is."
              : "The import of this project is not monitored: what comes is imported."}
          </Text>
          <Checkbox.Group label="Tables" value={tables} onChange={setTables}>
            <Stack gap="xs" mt="xs">
              {state.tables.map(({ table, resource }) => (
                <Checkbox
                  key={table}
                  value={table}
                  label={table}
                  description={resource === table ? undefined : resource}
                />
              ))}
            </Stack>
          </Checkbox.Group>
          {isIncremental && (
            <Checkbox
              label="Everything anew"
              description="Not only what has changed since the last pull. Takes longer."
              checked={full}
              onChange={(event) => setFull(event.currentTarget.checked)}
            />
          )}
          <Textarea
            label="Reason"
            description="Kept in the history, with your name."
            maxLength={500}
            autosize
            minRows={2}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {error !== undefined && <Failure error={error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Go back
            </Button>
            <Button type="submit" loading={busy} disabled={tables.length === 0}>
              Pull now
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
