import type { Webhook } from "@inlet/contracts";
import { Mark } from "../../parts/mark.tsx";
import { When } from "../../parts/when.tsx";

/** How a webhook fares. */
export function WebhookMark({ webhook: { enabled, disabledReason, failingSince } }: { webhook: Webhook }) {
  if (!enabled) return <Mark tone={disabledReason === null ? "still" : "bad"}>Disabled</Mark>;
  if (failingSince === null) return <Mark tone="good">Well</Mark>;
  return (
    <Mark tone="warning">
      Failing since <When at={failingSince} as="time" />
    </Mark>
  );
}
