import type { PullOutcome, PullSummary } from "@inlet/contracts";
import { IconBan, IconClock, IconEqual, IconPlayerTrackNext, type TablerIcon } from "@tabler/icons-react";
import { Mark, type Tone } from "../../parts/mark.tsx";

const OUTCOMES: Readonly<Record<PullOutcome, { word: string; tone: Tone; icon?: TablerIcon }>> = {
  waiting: { word: "Waiting", tone: "still", icon: IconClock },
  pulling: { word: "Pulling", tone: "busy" },
  importing: { word: "Importing", tone: "busy" },
  imported: { word: "Imported", tone: "good" },
  unchanged: { word: "Nothing new", tone: "good", icon: IconEqual },
  stopped: { word: "Stopped", tone: "bad" },
  not_imported: { word: "Not imported", tone: "bad" },
  cancelled: { word: "Cancelled", tone: "still", icon: IconBan },
  skipped: { word: "Skipped", tone: "still", icon: IconPlayerTrackNext },
  probed: { word: "Probed", tone: "good" },
};

/** What came of a pull. */
export function PullMark({ pull }: { pull: Pick<PullSummary, "outcome" | "rehearsal" | "attempts"> }) {
  const { word, tone, icon } = OUTCOMES[pull.outcome];
  const isRetry = pull.outcome === "waiting" && pull.attempts > 0;
  return (
    <Mark tone={isRetry ? "warning" : tone} icon={icon}>
      {isRetry ? "Tries again" : pull.outcome === "imported" && pull.rehearsal ? "Rehearsed" : word}
    </Mark>
  );
}

const CONNECTORS: Readonly<Record<string, string>> = {
  sap_business_one: "SAP Business One",
  intact_iq: "Intact iQ",
  rest: "REST API",
};

/** What a kind of system is called. */
export const connectorWord = (connector: string): string => CONNECTORS[connector] ?? connector;

/** Why a pull did not bring its rows into the table; undefined where it did, or still may. */
export function reasonOf({ outcome, error, batch }: Pick<PullSummary, "outcome" | "error" | "batch">) {
  return outcome === "not_imported" ? (batch?.reason ?? error ?? undefined) : (error ?? undefined);
}

/** Who asked for a pull. */
export function askerOf({ trigger: { by, actor } }: Pick<PullSummary, "trigger">): string {
  return by === "schedule" ? "the schedule" : (actor ?? "a person");
}
