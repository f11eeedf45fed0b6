// A thread of the API that checks drafts: its event loop is its own, so that no request waits for a check.
import { parentPort, workerData } from "node:worker_threads";
import { AppError, type InferredTableView, InvalidInput } from "@inlet/contracts";
import { asUnavailable, openDatabase } from "@inlet/database";
import { loadHooks } from "@inlet/structural-check";
import { checkDraft } from "./check-draft.ts";
import type { CheckProgress } from "./check-parts.ts";
import { openDraftStore } from "./draft-store.ts";
import { inferTableOf } from "./infer-table.ts";
import type { ThreadAnswer, ThreadData, ThreadError, ThreadRequest } from "./thread-messages.ts";

/** Progress is told no more often. */
const TOLD_EVERY_MS = 200;

const port = parentPort!;
const { databaseUrl, dataFolder, key, rulesModule } = workerData as ThreadData;
// One for the check, one for the rows of other tables that it looks up meanwhile.
const database = openDatabase(databaseUrl, { applicationName: "inlet:api:check", maxConnections: 2 });
const store = openDraftStore(dataFolder);
const hooks = loadHooks(rulesModule);
// It is awaited with the first job, whose failure it is.
hooks.catch(() => {});

let current: AbortController | undefined;

port.on("message", (request: ThreadRequest) => {
  if (request.kind === "abort") current?.abort();
  else void answer(request);
});

async function answer(request: Exclude<ThreadRequest, { kind: "abort" }>): Promise<void> {
  const controller = new AbortController();
  current = controller;
  let reply: ThreadAnswer;
  try {
    reply = { kind: "done", inferred: await work(request, controller.signal) };
  } catch (error) {
    reply = { kind: "failed", error: crossing(error) };
  } finally {
    current = undefined;
  }
  port.postMessage(reply);
}

async function work(
  request: Exclude<ThreadRequest, { kind: "abort" }>,
  signal: AbortSignal,
): Promise<InferredTableView | null> {
  if (request.kind === "infer") return await inferTableOf(request, signal);
  const { draftId, epoch } = request;
  let toldAt = 0;
  const onProgress = (progress: CheckProgress) => {
    const now = performance.now();
    if (now - toldAt < TOLD_EVERY_MS) return;
    toldAt = now;
    port.postMessage({ kind: "progress", progress } satisfies ThreadAnswer);
  };
  const parts = { database, store, keyEncryptionKey: Buffer.from(key), hooks: await hooks };
  await checkDraft(parts, { draftId, epoch }, { signal, onProgress });
  return null;
}

function crossing(thrown: unknown): ThreadError {
  const error = asUnavailable(thrown);
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const isOurs = error instanceof AppError;
  return {
    code: isOurs ? error.code : null,
    message,
    retryable: isOurs && error.retryable,
    isInput: error instanceof InvalidInput,
    stack,
  };
}
