import type { ApiClient } from "@inlet/client";
import { type BatchDetail, type StepKind, stepPlan } from "@inlet/contracts";
import { clock, duration } from "./figures.ts";
import { followBatch } from "./follow.ts";
import { openLiveArea } from "./live-area.ts";
import { stageLines } from "./stage-lines.ts";
import { printable, type Terminal } from "./terminal.ts";

const FRAME_MS = 100;
/** Entries that say how things stand for the moment and go away again, and the end, which has a line of its own. */
const UNTOLD_EVENTS = ["stage_waiting", "stage_ready", "stage_started", "message_waiting", "ended"];

/** Follows a batch to its end, drawn live on a terminal, as lines in a pipe. */
export async function watchBatch(
  api: ApiClient,
  { batchId, plan, out, signal }: { batchId: number; plan: readonly StepKind[]; out: Terminal; signal: AbortSignal },
): Promise<BatchDetail> {
  return out.isTTY
    ? await watchLive(api, { batchId, plan, out, signal })
    : await followBatch(api, batchId, { onLook: newEntries(out), signal });
}

async function watchLive(
  api: ApiClient,
  { batchId, plan, out, signal }: { batchId: number; plan: readonly StepKind[]; out: Terminal; signal: AbortSignal },
): Promise<BatchDetail> {
  const area = openLiveArea(out);
  let seen: BatchDetail | undefined;
  let frame = 0;
  const draw = () => {
    if (seen === undefined) return;
    frame += 1;
    area.draw(stageLines(seen, plan, out, { frame, now: new Date() }));
  };
  const timer = setInterval(draw, FRAME_MS);
  try {
    return await followBatch(api, batchId, {
      signal,
      onLook: (batch) => {
        seen = batch;
        draw();
      },
    });
  } finally {
    clearInterval(timer);
    area.close();
  }
}

/** Writes each line of the story once. */
function newEntries(out: Terminal): (batch: BatchDetail) => void {
  const written = new Set<string>();
  return ({ timeline }) => {
    for (const { at, event, text, durationMs } of timeline) {
      const id = `${at} ${event} ${text}`;
      if (UNTOLD_EVENTS.includes(event) || written.has(id)) continue;
      written.add(id);
      out.line(`${clock(at, new Date())}  ${printable(text)}${durationMs === null ? "" : `  ${duration(durationMs)}`}`);
    }
  };
}

/** The stages of a project's batches. */
export async function planOf(api: ApiClient, client: string, project: string): Promise<readonly StepKind[]> {
  return stepPlan((await api.profile(client, project)).profile);
}
