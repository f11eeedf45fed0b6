import type { SubscriptionView } from "@inlet/contracts";
import { Radio, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { Ask } from "../../parts/ask.tsx";

type Which = "since" | "changed" | "all";

interface SendAgainProps {
  subscription: SubscriptionView;
  onClose: () => void;
  onDone: () => unknown;
}

/** Sends what the other system had already once more: the changes since a time, or everything. */
export function SendAgain({ subscription: { id, name }, onClose, onDone }: SendAgainProps) {
  const [which, setWhich] = useState<Which>("since");
  const [since, setSince] = useState(() => localTime(new Date(Date.now() - 3_600_000)));
  const send = async () => {
    if (which === "since") await api.replaySubscription(id, { since: new Date(since).toISOString() });
    else await api.backfillSubscription(id, { all: which === "all" });
    await onDone();
  };
  return (
    <Ask opened onClose={onClose} title={`Send to ${name} again?`} verb="Send" onYes={send}>
      <Stack gap="md">
        <Radio.Group label="What" value={which} onChange={(value) => setWhich(value as Which)}>
          <Stack gap="xs" mt="xs">
            <Radio value="since" label="The changes since a time, in their order" />
            <Radio value="changed" label="Every item that differs from what it is known to have" />
            <Radio value="all" label="Every item, whatever it has" />
          </Stack>
        </Radio.Group>
        {which === "since" && (
          <TextInput
            type="datetime-local"
            label="Since"
            required
            value={since}
            onChange={(event) => setSince(event.currentTarget.value)}
          />
        )}
      </Stack>
    </Ask>
  );
}

/** A time as its input takes it: in the viewer's zone, without it. */
function localTime(time: Date): string {
  const shifted = new Date(time.getTime() - time.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}
