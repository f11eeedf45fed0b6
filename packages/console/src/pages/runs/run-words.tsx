import type { RunSummary, RunTable, RunTableStatus } from "@inlet/contracts";
import {
  IconBan,
  IconClock,
  IconCopy,
  IconPlayerTrackNext,
  IconQuestionMark,
  type TablerIcon,
} from "@tabler/icons-react";
import { Mark, type Tone } from "../../parts/mark.tsx";

const TABLES: Readonly<Record<RunTableStatus, { word: string; tone: Tone; icon?: TablerIcon }>> = {
  success: { word: "Success", tone: "good" },
  partial: { word: "Partial", tone: "warning" },
  failed: { word: "Failed", tone: "bad" },
  running: { word: "Under way", tone: "busy" },
  waiting: { word: "Waiting", tone: "still", icon: IconClock },
  missing: { word: "Missing", tone: "warning", icon: IconQuestionMark },
  late: { word: "Late", tone: "warning", icon: IconClock },
  duplicate: { word: "Duplicate", tone: "still", icon: IconCopy },
  superseded: { word: "Superseded", tone: "still", icon: IconPlayerTrackNext },
  cancelled: { word: "Cancelled", tone: "still", icon: IconBan },
};

/** How a table stands in its run. */
export function TableMark({ status, compact = false }: { status: RunTableStatus; compact?: boolean }) {
  const { word, tone, icon } = TABLES[status];
  return (
    <Mark tone={tone} icon={icon} compact={compact}>
      {word}
    </Mark>
  );
}

/** From what needs a person most to what needs nobody. */
const BY_URGENCY: readonly RunTableStatus[] = ["failed", "missing", "partial", "late", "cancelled"];

/** How a run stands: while it is open, what it is at; then what of it needs a person most. */
export function RunMark({ run }: { run: Pick<RunSummary, "phase" | "tables"> }) {
  if (run.phase === "upcoming") {
    return (
      <Mark tone="still" icon={IconClock}>
        Upcoming
      </Mark>
    );
  }
  if (run.phase === "waiting") {
    return (
      <Mark tone="still" icon={IconClock}>
        Waits for files
      </Mark>
    );
  }
  if (run.phase === "running") return <Mark tone="busy">Under way</Mark>;
  const worst = BY_URGENCY.find((status) => run.tables.some((table) => table.status === status));
  return <TableMark status={worst ?? "success"} />;
}

/** What a run is called: its trigger's time or date; of a single file, the file. */
export function runName(run: Pick<RunSummary, "key" | "tables">): string {
  const [table] = run.tables;
  if (run.key.startsWith("pull ")) return `Pull of ${run.key.slice("pull ".length)}`;
  return run.key.startsWith("file:") ? (table?.fileName ?? "One file") : run.key;
}

/** What a table waits for, in words. */
export function waitsText(waitsFor: RunTable["waitsFor"]): string {
  switch (waitsFor?.kind) {
    case undefined:
      return "";
    case "tables":
      return `waits for ${waitsFor.tables.join(", ")}`;
    case "batch":
      return `waits for batch ${waitsFor.batchId}`;
    case "trigger":
      return "waits for the run to start";
  }
}
