import type { ForgetBody, Profile } from "@inlet/contracts";
import {
  Autocomplete,
  Button,
  Group,
  NumberInput,
  SegmentedControl,
  SimpleGrid,
  Stack,
  TextInput,
} from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Failure } from "../../parts/states.tsx";

interface ForgetFormProps {
  profile: Profile;
  /** Asks how much it is. What it throws is shown. */
  onAsk: (body: ForgetBody) => Promise<unknown>;
}

/** Who is to be forgotten: by a value over all batches, or by record. It is always looked first how much that is. */
export function ForgetForm({ profile, onAsk }: ForgetFormProps) {
  const [by, setBy] = useState<"value" | "record">("value");
  const [column, setColumn] = useState(profile.tables.find(({ key }) => key.length > 0)?.key[0] ?? "");
  const [value, setValue] = useState("");
  const [batch, setBatch] = useState<number | string>("");
  const [record, setRecord] = useState<number | string>("");
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const names = [...new Set(profile.tables.flatMap((table) => table.columns.map(({ name }) => name)))];
  const ask = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    const more = { preview: true, ...(reason.trim() !== "" && { reason: reason.trim() }) };
    try {
      await onAsk(
        by === "value" ? { column, value, ...more } : { batch: Number(batch), record: Number(record), ...more },
      );
      setValue("");
      setRecord("");
      setReason("");
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void ask(event)}>
      <Stack gap="md">
        <SegmentedControl
          aria-label="Who is meant"
          value={by}
          onChange={(chosen) => setBy(chosen as typeof by)}
          data={[
            { value: "value", label: "Whoever has a value" },
            { value: "record", label: "One record" },
          ]}
          maw={360}
        />
        {by === "value" ? (
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <Autocomplete
              label="Column"
              description="Of a table, or as the files call it."
              required
              data={names}
              value={column}
              onChange={setColumn}
            />
            <TextInput
              label="Value"
              description="The whole cell, letter by letter. It is kept until this is done, and no longer."
              required
              autoComplete="off"
              maxLength={2000}
              value={value}
              onChange={(event) => setValue(event.currentTarget.value)}
            />
          </SimpleGrid>
        ) : (
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <NumberInput
              label="Batch"
              description="Its number in the Activity Monitor."
              required
              min={1}
              allowDecimal={false}
              value={batch}
              onChange={setBatch}
            />
            <NumberInput
              label="Record"
              description="Its number in the client's file: the first row after the header is 1."
              required
              min={1}
              allowDecimal={false}
              value={record}
              onChange={setRecord}
            />
          </SimpleGrid>
        )}
        <TextInput
          label="Reason"
          description="Kept in the audit, with your name. Do not name the recipient in it."
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {error !== undefined && <Failure error={error} />}
        <Group justify="flex-end">
          <Button type="submit" loading={busy}>
            Look how much it is
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
