import type { BatchStatus, BatchMark as MarkName } from "@inlet/contracts";
import { BATCH_STATUS_WORDS } from "@inlet/contracts/batch-words";
import { IconArchive, IconBan, IconClock, IconCopy, IconPlayerTrackNext, type TablerIcon } from "@tabler/icons-react";
import { Mark, type Tone } from "./mark.tsx";

const TONES: Readonly<Record<MarkName, Tone>> = {
  tick: "good",
  partial: "warning",
  cross: "bad",
  duplicate: "still",
  running: "busy",
  waiting: "still",
};

/** Statuses with a sign of their own. */
const ICONS: Partial<Record<BatchStatus, TablerIcon>> = {
  duplicate: IconCopy,
  superseded: IconPlayerTrackNext,
  cancelled: IconBan,
  unpacked: IconArchive,
  received: IconClock,
};

interface BatchMarkProps {
  batch: {
    status: BatchStatus;
    mark: MarkName;
    stage: { kind: string; state: string; attempts: number } | null;
  };
  compact?: boolean;
}

/** A batch's sign and status; of one that is under way, its stage. */
export function BatchMark({ batch: { status, mark, stage }, compact = false }: BatchMarkProps) {
  const tone = status === "superseded" || status === "cancelled" ? "still" : TONES[mark];
  const icon = ICONS[status] ?? (mark === "waiting" ? IconClock : undefined);
  return (
    <Mark tone={tone} icon={icon} compact={compact}>
      {stage === null || mark === "tick" ? BATCH_STATUS_WORDS[status] : stageText(stage, mark)}
    </Mark>
  );
}

function stageText({ kind, attempts }: { kind: string; attempts: number }, mark: MarkName): string {
  const doing = STAGE_WORDS[kind] ?? kind;
  if (mark === "waiting") return attempts > 0 ? `${doing}: will be tried again` : `Waiting: ${doing.toLowerCase()}`;
  return doing;
}

const STAGE_WORDS: Readonly<Record<string, string>> = {
  validate: "Checking",
  personalise: "Making links",
  import: "Importing",
  deliver: "Delivering",
};
