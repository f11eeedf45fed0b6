import type { BatchAction, BatchActionName, BatchDetail } from "@inlet/contracts";
import { Button, Tooltip } from "@mantine/core";
import { IconBan, IconRefresh, IconRotateClockwise, type TablerIcon } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { api } from "../../api/client.ts";
import { Ask } from "../../parts/ask.tsx";
import { notify } from "../../parts/notify.ts";
import { batchQuery } from "./batch-query.ts";

interface Offer {
  label: string;
  icon: TablerIcon;
  title: string;
  /** What will happen. */
  text: ReactNode;
  danger?: boolean;
}

const OFFERS: Partial<Record<BatchActionName, Offer>> = {
  cancel: {
    label: "Cancel",
    icon: IconBan,
    title: "Cancel this batch?",
    text: "It stops where it is. Nothing of it is imported, and its run is reported without it.",
    danger: true,
  },
  rerun: {
    label: "Run again",
    icon: IconRotateClockwise,
    title: "Run this file again?",
    text: "Its stored file is received once more, as a new batch, under the project's profile as it is now.",
  },
  retry: {
    label: "Retry",
    icon: IconRefresh,
    title: "Retry this batch?",
    text: "It goes on from the stage that failed.",
  },
};

/** What can be done with the batch. What cannot says why. */
export function BatchActions({ batch }: { batch: BatchDetail }) {
  const [asked, setAsked] = useState<BatchAction>();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const offered = batch.actions.filter(({ action }) => OFFERS[action] !== undefined);
  // To who may do none of it ever, three grey buttons say nothing.
  if (offered.every(({ allowed }) => !allowed) && offered.every(({ why }) => why === offered[0]?.why)) return null;

  const act = async ({ action, needs }: BatchAction, reason: string | undefined) => {
    const force = needs.includes("force");
    if (action === "cancel") await api.cancel(batch.id, { reason });
    if (action === "retry") await api.retry(batch.id, { force, reason });
    if (action === "rerun") {
      const { id } = await api.rerun(batch.id, { force, reason });
      notify(`The file is received again as batch ${id}.`);
      await navigate({ to: "/batches/$batchId", params: { batchId: String(id) } });
    }
    await queryClient.invalidateQueries({ queryKey: batchQuery(batch.id).queryKey });
  };

  return (
    <>
      {offered.map((each) => {
        const { label, icon: Icon } = OFFERS[each.action]!;
        return (
          <Tooltip key={each.action} label={each.why} disabled={each.allowed} multiline maw={320}>
            <Button
              variant={each.action === "retry" ? "filled" : "default"}
              leftSection={<Icon size={16} aria-hidden />}
              data-disabled={!each.allowed || undefined}
              aria-disabled={!each.allowed}
              onClick={() => each.allowed && setAsked(each)}
            >
              {label}
            </Button>
          </Tooltip>
        );
      })}
      {asked !== undefined && (
        <Ask
          opened
          onClose={() => setAsked(undefined)}
          title={OFFERS[asked.action]!.title}
          verb={OFFERS[asked.action]!.label}
          danger={OFFERS[asked.action]!.danger ?? false}
          reason={asked.needs.includes("reason") ? "needed" : "optional"}
          onYes={(reason) => act(asked, reason)}
        >
          {OFFERS[asked.action]!.text} {asked.caution}
        </Ask>
      )}
    </>
  );
}
