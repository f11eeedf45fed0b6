import type { BatchDetail } from "@inlet/contracts";
import { count } from "@inlet/contracts/figures";
import { Button, NumberInput, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { Ask } from "../../parts/ask.tsx";
import { Facts } from "../../parts/facts.tsx";
import { notify } from "../../parts/notify.ts";
import { Section } from "../../parts/section.tsx";
import { When } from "../../parts/when.tsx";
import { batchQuery } from "./batch-query.ts";

/** The personal links of the batch's rows: until when they work, and taking them back. */
export function PersonalLinks({ batch }: { batch: BatchDetail }) {
  const [asking, setAsking] = useState(false);
  const { links } = batch.counts;
  if (links === null || links === 0) return null;
  const mayRevoke = batch.actions.some(({ action, allowed }) => action === "revoke" && allowed);
  return (
    <Section
      title="Personal links"
      actions={
        mayRevoke && (
          <Button size="xs" variant="default" onClick={() => setAsking(true)}>
            Take back
          </Button>
        )
      }
    >
      <Facts
        of={[
          ["Made", count(links, "link")],
          [
            "Work until",
            batch.linksExpireAt === null ? undefined : <When key="until" at={batch.linksExpireAt} as="time" />,
          ],
          ["Taken back", revokedText(batch)],
        ]}
      />
      {asking && <TakeBack batchId={batch.id} onClose={() => setAsking(false)} />}
    </Section>
  );
}

function revokedText({ revoked }: BatchDetail): string | undefined {
  if (revoked.all) return "All of them";
  return revoked.records === 0 ? undefined : count(revoked.records, "link");
}

function TakeBack({ batchId, onClose }: { batchId: number; onClose: () => void }) {
  const queryClient = useQueryClient();
  const [which, setWhich] = useState<"link" | "one" | "all">("link");
  const [record, setRecord] = useState<number | string>("");
  const [link, setLink] = useState("");
  const takeBack = async () => {
    if (which === "link") {
      const taken = await api.revokeLink({ link });
      notify(`The link of record ${taken.record} of batch ${taken.batchId} is taken back.`);
      await queryClient.invalidateQueries({ queryKey: batchQuery(taken.batchId).queryKey });
      return;
    }
    if (which === "one" && typeof record !== "number") throw new Error("Say which record: its number in the file.");
    await api.revoke(batchId, which === "all" ? { all: true } : { record: Number(record) });
    await queryClient.invalidateQueries({ queryKey: batchQuery(batchId).queryKey });
  };
  return (
    <Ask opened onClose={onClose} title="Take links back?" verb="Take back" danger onYes={takeBack}>
      <Stack gap="sm">
        <SegmentedControl
          aria-label="Which links"
          value={which}
          onChange={(value) => setWhich(value as typeof which)}
          data={[
            { value: "link", label: "One link" },
            { value: "one", label: "One record's" },
            { value: "all", label: "All of this file" },
          ]}
        />
        {which === "link" && (
          <TextInput
            label="Link"
            description="Paste it whole, as the recipient has it. It may be of another file, too."
            required
            autoComplete="off"
            value={link}
            onChange={(event) => setLink(event.currentTarget.value)}
          />
        )}
        {which === "one" && (
          <NumberInput
            label="Record"
            description="Its number in the client's file: the first row after the header is 1."
            min={1}
            allowDecimal={false}
            value={record}
            onChange={setRecord}
          />
        )}
        <Text>Whoever opens such a link sees that it does not exist. It cannot be given out again.</Text>
      </Stack>
    </Ask>
  );
}
