import type { BatchDetail, MessageView } from "@inlet/contracts";
import { Stack, Text } from "@mantine/core";
import { codeText } from "../../parts/code-text.ts";
import { Mark, type Tone } from "../../parts/mark.tsx";
import { Section } from "../../parts/section.tsx";
import { When } from "../../parts/when.tsx";

const TONES: Readonly<Record<MessageView["state"], Tone>> = {
  ready: "still",
  running: "busy",
  sent: "good",
  failed: "bad",
};
const WORDS: Readonly<Record<MessageView["state"], string>> = {
  ready: "Waits to be sent",
  running: "Being sent",
  sent: "Sent",
  failed: "Not sent",
};

/** Where files were put, and what was sent to whom. */
export function Outgoing({ batch: { deliveries, messages } }: { batch: BatchDetail }) {
  if (deliveries.length === 0 && messages.length === 0) return null;
  return (
    <Section title="Deliveries and messages">
      <Stack gap="md">
        {deliveries.map((delivery) => (
          <div key={`${delivery.destination} ${delivery.artifact}`}>
            <Mark tone="good">Delivered</Mark>
            <Text fz="sm" style={{ overflowWrap: "anywhere" }}>
              {delivery.path}
            </Text>
            <Text fz="sm" c="var(--quiet)">
              {delivery.destination.replace(":", " ")} · <When at={delivery.deliveredAt} />
            </Text>
          </div>
        ))}
        {messages.map((message) => (
          <div key={message.id}>
            <Mark tone={TONES[message.state]}>{WORDS[message.state]}</Mark>
            <Text fz="sm" style={{ overflowWrap: "anywhere" }}>
              {message.event === null ? message.kind : codeText(message.event.replace(".", " "))} to {message.recipient}
            </Text>
            <Text fz="sm" c="var(--quiet)">
              <When at={message.finishedAt ?? message.createdAt} />
              {message.error !== null && ` · ${message.error.message}`}
            </Text>
          </div>
        ))}
      </Stack>
    </Section>
  );
}
