import { bytes, count, duration, type StepKind, type TimelineEntry } from "@inlet/contracts";
import type { BatchDetailRow, BatchEventRow, MessageRow, StepRow } from "@inlet/database";
import { LATE_DELIVERY_WORDS, STAGE_WORDS, STATUS_WORDS, sourceWords } from "./wording.ts";

type Entry = Omit<TimelineEntry, "at"> & { at: string | Date };

const PLAIN = { stage: null, actor: null, durationMs: null, tone: "info" } as const;

/**
 * A batch's story out of its facts, oldest first. For a client, what concerns the hub's inside (workers, operators'
 * names, our own errors' words) is left out.
 */
export function timelineOf(
  batch: BatchDetailRow,
  { forClient, now }: { forClient: boolean; now: Date },
): TimelineEntry[] {
  const entries: Entry[] = [
    received(batch),
    ...batch.steps.flatMap((step) => stepEntries(step, batch, forClient, now)),
    ...batch.events.map((event) => eventEntry(event, forClient)),
    ...batch.deliveries.map((delivery) => ({
      ...PLAIN,
      at: delivery.deliveredAt,
      event: "delivered",
      text: `Put into ${delivery.path} (${delivery.destination}, ${bytes(delivery.sizeBytes)})`,
      stage: "deliver" as const,
      tone: "good" as const,
    })),
    ...batch.messages.flatMap(messageEntries),
    ...ended(batch),
  ];
  // A batch ends after its stages; their clocks may differ by the time that a commit takes. An error file is delivered later.
  const lastStage = Math.max(...entries.map((entry) => (endsWith(entry) ? sortKey(entry) : 0)));
  return entries
    .map((entry) => ({ entry, key: entry.event === "ended" ? Math.max(sortKey(entry), lastStage) : sortKey(entry) }))
    .sort((a, b) => a.key - b.key)
    .map(({ entry }) => ({ ...entry, at: new Date(entry.at).toISOString() }));
}

const endsWith = ({ stage }: Entry): boolean => stage !== null && stage !== "deliver";

/**
 * Microseconds: a small file goes through two stages within one millisecond. What came as a Date has lost them; the end
 * of a batch comes after all else of its millisecond.
 */
function sortKey({ at, event }: Entry): number {
  const withinMs = typeof at === "string" ? Number(/\.\d{3}(\d{1,3})/.exec(at)?.[1]?.padEnd(3, "0") ?? 0) : 0;
  return new Date(at).getTime() * 1_000 + (event === "ended" ? 999 : withinMs);
}

function received(batch: BatchDetailRow): Entry {
  const from = batch.account === null ? "" : ` from ${batch.account}`;
  if (batch.pull !== null && batch.sizeBytes === 0) {
    return { ...PLAIN, at: batch.receivedAt, event: "received", text: `Pull ${batch.pull} was stopped` };
  }
  return {
    ...PLAIN,
    at: batch.receivedAt,
    event: "received",
    text:
      batch.rerunOf === null
        ? `Received ${sourceWords(batch.source)}${from}: ${batch.fileName}, ${bytes(batch.sizeBytes)}`
        : `Received again from batch ${batch.rerunOf}: ${batch.fileName}, ${bytes(batch.sizeBytes)}`,
  };
}

function stepEntries(step: StepRow, batch: BatchDetailRow, forClient: boolean, now: Date): Entry[] {
  // After its end a rejected batch has nothing but its error file to deliver.
  const isLate = step.kind === "deliver" && batch.status === "rejected";
  const words = isLate ? LATE_DELIVERY_WORDS : STAGE_WORDS[step.kind];
  const base = { ...PLAIN, stage: step.kind };
  const took = between(step.startedAt, step.finishedAt);
  const again = step.attempts > 1 ? `, attempt ${step.attempts}` : "";
  switch (step.state) {
    case "waiting":
      return [{ ...base, at: step.createdAt, event: "stage_waiting", text: `The ${words.noun} waits for its turn` }];
    case "ready": {
      const later = new Date(step.notBefore) > now;
      const text = later
        ? `The ${words.noun} is tried again at ${new Date(step.notBefore).toISOString().slice(11, 19)} UTC`
        : `The ${words.noun} is ready for a worker`;
      return [{ ...base, at: step.readyAt ?? step.createdAt, event: "stage_ready", text }];
    }
    case "running":
      return [
        { ...base, at: step.startedAt ?? step.createdAt, event: "stage_started", text: `${words.running}${again}` },
      ];
    case "done":
      return [
        {
          ...base,
          at: step.finishedAt ?? step.createdAt,
          event: "stage_done",
          text: `${words.done}${outcome(step.kind, batch)}${again}`,
          durationMs: took,
          tone: "good",
        },
      ];
    case "failed": {
      // An event of its own says so, also once the delivery is tried again.
      if (isLate) return [];
      // The end tells it in the same words; of a file that is not taken it is all that there is to tell.
      const isToldAtEnd = step.error !== null && batch.reasonMessage?.endsWith(step.error.message) === true;
      if (isToldAtEnd && batch.status === "rejected") return [];
      const why = forClient || step.error === null || isToldAtEnd ? "" : `: ${step.error.message}`;
      const text = `The ${words.noun} failed after ${count(step.attempts, "attempt")}${why}`;
      return [
        { ...base, at: step.finishedAt ?? step.createdAt, event: "stage_failed", text, durationMs: took, tone: "bad" },
      ];
    }
    case "cancelled":
      return [];
  }
}

/** What a stage that is done has counted. */
function outcome(kind: StepKind, batch: BatchDetailRow): string {
  if (kind === "validate" && batch.records !== null) {
    const bad = batch.rejected ? `, ${batch.rejected.toLocaleString("en-US")} of them rejected` : "";
    return `: ${count(batch.records, "record")}${bad}`;
  }
  if (kind === "personalise" && batch.links !== null) return `: ${count(batch.links, "link")}`;
  if (kind === "import" && batch.imported !== null) {
    return `: ${count(batch.imported, "record")}${batch.rehearsal ? ", as a rehearsal: none is in the table" : ""}`;
  }
  return "";
}

function eventEntry({ at, event, actor, detail }: BatchEventRow, forClient: boolean): Entry {
  const stage = isStage(detail.step) ? detail.step : null;
  const noun = stage === null ? "work" : STAGE_WORDS[stage].noun;
  const who = forClient ? null : actor;
  const by = who === null ? "" : ` by ${who}`;
  const isTold = !(forClient && ["retried", "rerun", "rerun of"].includes(event));
  const reason = isTold && typeof detail.reason === "string" && detail.reason !== "" ? `: ${detail.reason}` : "";
  const base = { ...PLAIN, at, stage };
  switch (event) {
    case "attempt failed": {
      const why = forClient ? "" : `: ${String(detail.message ?? detail.code ?? "unknown")}`;
      const next = typeof detail.retryInMs === "number" ? ` (next try in ${duration(detail.retryInMs)})` : "";
      const text = `Attempt ${String(detail.attempt ?? "?")} of the ${noun} failed${why}${next}`;
      return { ...base, event: "attempt_failed", text, tone: "warning" };
    }
    case "failed after the end": {
      const why = forClient ? "" : `: ${String(detail.message ?? detail.code ?? "unknown")}`;
      return { ...base, event: "stage_failed", text: `The ${LATE_DELIVERY_WORDS.noun} failed${why}`, tone: "bad" };
    }
    case "lease lost":
      return {
        ...base,
        event: "lease_lost",
        text: `The ${noun} was interrupted${who === null ? "" : ` (${who} did not answer any more)`} and is taken up again`,
        tone: "warning",
      };
    case "retried":
      return {
        ...base,
        event: "retried",
        text: `Set under way again${by}${detail.force === true ? ", forced" : ""}${reason}`,
        actor: who,
      };
    case "rerun":
      return { ...base, event, text: `Received again as batch ${String(detail.as)}${by}${reason}`, actor: who };
    case "rerun of": {
      const forced = detail.force === true ? ", forced" : "";
      return {
        ...base,
        event: "rerun_of",
        text: `A re-run of batch ${String(detail.of)}${by}${forced}${reason}`,
        actor: who,
      };
    }
    case "mended": {
      const cells = Number(detail.cells ?? 0);
      const were = cells === 1 ? "was" : "were";
      const text = `${count(cells, "cell")} ${were} mended before the file was submitted${by}`;
      return { ...base, event, text, actor: who };
    }
    case "mapped": {
      const labels = count(Array.isArray(detail.columns) ? detail.columns.length : 0, "label");
      return { ...base, event, text: `The meaning of ${labels} was chosen${by}`, actor: who };
    }
    case "cancelled":
      return { ...base, event: "cancelled", text: `Cancelled${by}${reason}`, actor: who, tone: "warning" };
    default:
      return { ...base, event: event.replaceAll(" ", "_"), text: `${capital(event)}${by}${reason}`, actor: who };
  }
}

function messageEntries(message: MessageRow): Entry[] {
  const about = message.event === "completed" ? "The report" : `The e-mail “${message.event ?? message.kind}”`;
  if (message.state === "sent" && message.finishedAt !== null) {
    return [
      {
        ...PLAIN,
        at: message.finishedAt,
        event: "message_sent",
        text: `${about} was sent to ${message.recipient}`,
        durationMs: between(message.createdAt, message.finishedAt),
        tone: "good",
      },
    ];
  }
  const why = message.error === null ? "" : `: ${message.error.message}`;
  if (message.state === "failed") {
    const text = `${about} to ${message.recipient} failed for good${why}`;
    return [{ ...PLAIN, at: message.finishedAt ?? message.createdAt, event: "message_failed", text, tone: "bad" }];
  }
  if (message.attempts === 0) return [];
  const text = `${about} to ${message.recipient} has not gone out after ${count(message.attempts, "attempt")}${why}`;
  return [{ ...PLAIN, at: message.createdAt, event: "message_waiting", text, tone: "warning" }];
}

function ended(batch: BatchDetailRow): Entry[] {
  if (batch.endedAt === null) return [];
  const took = batch.endedAt.getTime() - batch.receivedAt.getTime();
  const reason = batch.reasonMessage === null ? "" : `: ${batch.reasonMessage}`;
  const tone =
    batch.status === "completed" || batch.status === "unpacked"
      ? "good"
      : batch.status === "failed" || batch.status === "rejected"
        ? "bad"
        : "warning";
  return [
    {
      ...PLAIN,
      at: batch.endedAt,
      event: "ended",
      text: `${STATUS_WORDS[batch.status]}${reason}`,
      durationMs: Math.max(0, took),
      tone,
    },
  ];
}

function between(from: string | null, to: string | null): number | null {
  if (from === null || to === null) return null;
  return Math.max(0, Math.round(Date.parse(to) - Date.parse(from)));
}

function isStage(value: unknown): value is StepKind {
  return typeof value === "string" && Object.hasOwn(STAGE_WORDS, value);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
