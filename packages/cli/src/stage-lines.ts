import type { BatchDetail, StepKind, StepView } from "@inlet/contracts";
import { count, duration } from "./figures.ts";
import { cut, printable, type Terminal, widthOf } from "./terminal.ts";

const NAMES: Readonly<Record<StepKind, string>> = {
  validate: "check",
  personalise: "links",
  import: "import",
  deliver: "delivery",
};
const NAME_WIDTH = 9;
const TIME_WIDTH = 12;
const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** How a batch stands, a line for each stage that it goes through. `frame` turns the wheel of what runs. */
export function stageLines(
  batch: Pick<BatchDetail, "status" | "steps" | "counts" | "deliveries">,
  plan: readonly StepKind[],
  terminal: Terminal,
  { frame, now }: { frame: number; now: Date },
): string[] {
  return plan.map((kind) => {
    const step = batch.steps.find((each) => each.kind === kind);
    const { symbol, words, tookMs } = stageOf(kind, step, batch, { frame, now });
    // A stage may do its work to the end, and with it end the batch; the delivery of an error file comes after that.
    const last = batch.steps.findLast((each) => each.kind !== "deliver");
    const stopped = ["rejected", "superseded"].includes(batch.status) && step !== undefined && step === last;
    const name = NAMES[kind].padEnd(NAME_WIDTH);
    const room = Math.max(10, terminal.columns - NAME_WIDTH - TIME_WIDTH - 6);
    const fitted = cut(printable(words), room);
    const time = tookMs === null ? "" : duration(tookMs).padStart(TIME_WIDTH);
    const gap = " ".repeat(Math.max(0, Math.min(room, 44) - widthOf(fitted)));
    return `  ${paintSymbol(stopped ? "✗" : symbol, terminal)} ${name}${fitted}${time === "" ? "" : `${gap}${terminal.paint("dim", time)}`}`.trimEnd();
  });

  function paintSymbol(symbol: string, { paint }: Terminal): string {
    if (symbol === "✓") return paint("green", symbol);
    if (symbol === "✗") return paint("red", symbol);
    return symbol === "·" ? paint("dim", symbol) : paint("cyan", symbol);
  }
}

function stageOf(
  kind: StepKind,
  step: StepView | undefined,
  batch: Pick<BatchDetail, "status" | "counts" | "deliveries">,
  { frame, now }: { frame: number; now: Date },
): { symbol: string; words: string; tookMs: number | null } {
  if (batch.status === "rejected" && kind === "deliver" && step && isOpen(step)) {
    return { symbol: "·", words: "the error file follows", tookMs: null };
  }
  const wheel = FRAMES[frame % FRAMES.length]!;
  const again = step && step.attempts > 1 ? `attempt ${step.attempts}` : "";
  switch (step?.state) {
    case undefined:
      return { symbol: "·", words: "", tookMs: null };
    case "waiting":
      return { symbol: "·", words: "waits for its turn", tookMs: null };
    case "ready": {
      const inMs = Date.parse(step.notBefore) - now.getTime();
      const why = step.error === null ? "" : `: ${step.error.message}`;
      const words = inMs > 0 ? `tried again in ${duration(inMs)}${why}` : "waits for a worker";
      return { symbol: wheel, words, tookMs: null };
    }
    case "running":
      return {
        symbol: wheel,
        words: again,
        tookMs: Math.max(0, now.getTime() - Date.parse(step.startedAt ?? step.createdAt)),
      };
    case "done":
      return { symbol: "✓", words: outcome(kind, batch), tookMs: step.durationMs };
    case "failed":
      return { symbol: "✗", words: step.error?.message ?? "failed", tookMs: step.durationMs };
    case "cancelled":
      return { symbol: "✗", words: "cancelled", tookMs: null };
  }
}

const isOpen = ({ state }: StepView) => state === "waiting" || state === "ready" || state === "running";

function outcome(kind: StepKind, { counts, deliveries }: Pick<BatchDetail, "counts" | "deliveries">): string {
  if (kind === "validate" && counts.records !== null) {
    return (
      count(counts.records, "record") + (counts.rejected ? `, ${counts.rejected.toLocaleString("en-US")} rejected` : "")
    );
  }
  if (kind === "personalise" && counts.links !== null) return count(counts.links, "link");
  if (kind === "import" && counts.imported !== null) return count(counts.imported, "record");
  if (kind === "deliver" && deliveries[0] !== undefined) {
    return deliveries[0].path + (deliveries.length > 1 ? ` and ${deliveries.length - 1} more` : "");
  }
  return "";
}
