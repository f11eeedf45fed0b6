import { isEnded, type Profile, type Reason, type StepKind, stepAfter } from "@inlet/contracts";
import {
  type Advance,
  type Advanced,
  advanceBatch,
  advanceSteps,
  type ClaimedStep,
  type Database,
  type Executor,
  endFencedSessions,
  failStep,
  finishSteps,
  insertLateDeliveries,
  lockBatch,
  lockRun,
  lockRuns,
  type MessageRef,
  putArtifacts,
  putIssues,
  recordBatchEvent,
  type StepRef,
  type StoredError,
  type Tx,
  transaction,
} from "@inlet/database";
import { failpoint } from "@inlet/runtime";
import { LIMITS } from "./admission.ts";
import { closeBatch, closeBatches, type Told } from "./endings.ts";
import { gather } from "./gather.ts";
import { fitsReply, handedOver } from "./hand-over.ts";
import { firstStage, mayHold } from "./schedule/holds.ts";
import { type Decision, STAGE_NAMES, type Transaction } from "./stage.ts";

/** Thrown inside a step's transaction when the step is no longer ours: it rolls everything back. */
export class Fenced extends Error {}

/** A claimed step, its batch's profile, and what its stage says. */
export interface Decided<Outcome = Decision> {
  step: ClaimedStep;
  profile: Profile;
  outcome: Outcome;
}

/** What a commit made due at once, and the kinds of step that are to be admitted after it. */
export interface Settled {
  /** Batches that it made or ended. */
  batches?: readonly number[];
  /** What came of it, for the log: counts, and how a batch ended. */
  told?: Record<string, unknown>;
  steps: StepRef[];
  messages: MessageRef[];
  kinds: StepKind[];
}

/** An attempt that ends its batch. */
interface Failed {
  step: ClaimedStep;
  profile: Profile | undefined;
  fault: "file" | "ours";
  error: StoredError;
}

/** Records what becomes of steps of one kind. What many stages decide at about the same time is one commit. */
export interface Commits {
  /** @throws Fenced when the step is not ours any more; nothing was changed */
  decision(decided: Decided): Promise<Settled>;
  /**
   * Runs the work of several steps in their order and records their ends, all of it in one transaction, or nothing.
   * @throws Fenced when one of the steps is not ours any more
   */
  transacted(works: readonly Decided<Transaction>[]): Promise<Settled[]>;
  /** @throws Fenced when the step is not ours any more */
  failure(failed: Failed): Promise<Told>;
}

export function openCommits(kind: StepKind, database: Database): Commits {
  const nextOf = ({ profile, outcome }: Decided) =>
    outcome.verdict === "advance" ? stepAfter(profile, kind) : undefined;

  /** Most steps go on to the next one without more ado: one statement for all of them. */
  const advanced = gather(async (advances: readonly Advance[]) => {
    failpoint(`${kind}.before-commit`);
    const ended = await advanceAll(database, advances);
    return advances.map(({ stepId }) => ended.get(stepId));
  });

  const recorded = gather((all: readonly Decided[]) =>
    transaction(database, (tx) => record(tx, all), sessionOf(all[0]!.step)),
  );

  /** Findings, next steps or batches' ends, and the steps' own ends as the last, fenced statement. */
  async function record(tx: Tx, all: readonly Decided[]): Promise<Settled[]> {
    const ordered = [...all].sort((a, b) => a.step.batchId - b.step.batchId);
    const ending = ordered.filter((decided) => nextOf(decided) === undefined);
    const runs = ending.length === 0 ? undefined : await lockRuns(tx, runIdsOf(ending));
    for (const { step, outcome } of ordered) {
      if (!outcome.issues?.length) continue;
      await lockBatch(tx, step.batchId);
      await putIssues(tx, { batchId: step.batchId, issues: outcome.issues });
    }
    const settled = new Map<number, Settled>();
    const advances = ordered.flatMap((decided) => {
      const next = nextOf(decided);
      return next === undefined ? [] : [advanceOf(decided, next)];
    });
    if (advances.length > 0) failpoint(`${kind}.before-commit`);
    const ended = await advanceAll(tx, advances);
    for (const advance of advances) settled.set(advance.stepId, settledBy(ended.get(advance.stepId), advance.next));
    const { ended: closed, messages } = runs ? await complete(tx, ending, runs) : nothingClosed();
    for (const decided of ending) {
      const given = { batches: [...closed.keys()], messages: messages.splice(0) };
      closed.clear();
      settled.set(decided.step.stepId, endedBy(decided, given));
    }
    return all.map(({ step, outcome }) => ({ ...settled.get(step.stepId)!, told: toldOf(outcome) }));
  }

  async function complete(
    tx: Tx,
    ending: readonly Decided[],
    runs: Awaited<ReturnType<typeof lockRuns>>,
  ): Promise<Told> {
    for (const { step, outcome } of ending) {
      const { batchId } = step;
      if (hasProgress(outcome)) await advanceBatch(tx, { batchId, ...outcome });
      if (outcome.artifacts?.length) await putArtifacts(tx, { batchId, artifacts: outcome.artifacts });
    }
    // A delivery that comes after its batch's end changes nothing of that.
    const closings = ending.filter(isUnderWay).map(({ step, profile, outcome }) => {
      const { status, reason } = outcome.verdict === "end" ? outcome : COMPLETED;
      return { run: runs.get(step.runId)!, batchId: step.batchId, status, reason, profile };
    });
    const told = closings.length === 0 ? nothingClosed() : await closeBatches(tx, closings);
    const late = ending.filter(hasLateDelivery).map(({ step }) => step.stepId);
    if (late.length > 0) await insertLateDeliveries(tx, late);
    failpoint(`${kind}.before-commit`);
    const steps = ending.map(({ step, outcome }) => ({ ...step, result: outcome.result ?? null }));
    if ((await finishSteps(tx, steps)).size < steps.length) throw new Fenced();
    return told;
  }

  return {
    async decision(decided) {
      const next = nextOf(decided);
      if (next === undefined || decided.outcome.issues?.length) return await recorded(decided);
      const advance = advanceOf(decided, next);
      return { ...settledBy(await advanced(advance), next), told: toldOf(decided.outcome) };
    },

    async transacted(works) {
      // What an attempt that was given up may still hold would keep this one waiting.
      for (const { step } of works) if (step.epoch > 1) await endFencedSessions(database, step);
      const settled = await transaction(
        database,
        async (tx) => {
          const decided: Decided[] = [];
          for (const work of works) decided.push({ ...work, outcome: await work.outcome.transact(tx) });
          return await record(tx, decided);
        },
        sessionOf(works[0]!.step),
      );
      for (const { outcome } of works) outcome.committed?.();
      return settled;
    },

    failure: (failed) => transaction(database, (tx) => recordFailure(tx, kind, failed), sessionOf(failed.step)),
  };
}

function toldOf(outcome: Decision): Record<string, unknown> {
  const ended = outcome.verdict === "end" ? { status: outcome.status, reason: outcome.reason.code } : {};
  return { ...outcome.counts, ...ended };
}

const nothingClosed = (): Told => ({ ended: new Map(), messages: [] });
const COMPLETED = { status: "completed", reason: null } as const;

/** A transaction's session can be ended by this name once the first of its steps is taken away. */
const sessionOf = ({ stepId, epoch }: ClaimedStep) => ({ applicationName: `inlet:${stepId}:${epoch}` });

const runIdsOf = (all: readonly Decided[]) => all.map(({ step }) => step.runId);

async function advanceAll(on: Executor, advances: readonly Advance[]): Promise<Map<number, Advanced>> {
  if (advances.length === 0) return new Map();
  const ended = await advanceSteps(on, { advances, limits: LIMITS });
  return new Map(ended.map((each) => [each.stepId, each]));
}

function advanceOf({ step, outcome }: Decided, next: StepKind): Advance {
  const { artifacts = [], result = null } = outcome;
  const { stepId, epoch, batchId } = step;
  return { stepId, epoch, batchId, next, result, progress: outcome, artifacts };
}

function settledBy(advanced: Advanced | undefined, next: StepKind): Settled {
  if (advanced === undefined) throw new Fenced();
  const isReady = advanced.next?.state === "ready";
  return { steps: isReady ? [advanced.next!] : [], kinds: isReady ? [] : [next], messages: [] };
}

/** A batch that ended without being imported lets the next one of its table go on. */
function endedBy(
  decided: Decided,
  { batches, messages }: { batches: readonly number[]; messages: readonly MessageRef[] },
): Settled {
  const { step, outcome } = decided;
  const due = outcome.verdict === "end" ? outcome.due : undefined;
  return {
    batches: [...batches, ...(due?.batches ?? [])],
    steps: [...(due?.steps ?? [])],
    messages: [...messages, ...(due?.messages ?? [])],
    kinds: [
      ...(step.importedAt === null ? (["import"] as const) : []),
      ...(hasLateDelivery(decided) ? (["deliver"] as const) : []),
      // Files that were held for this one's table may begin.
      ...(mayHold(decided.profile) ? [firstStage(decided.profile)] : []),
    ],
  };
}

const isUnderWay = ({ step }: Pick<Decided, "step">) => !isEnded(step.status);

/** A rejected file's error file is handed over after the end of its batch, which waits for nobody's server. */
function hasLateDelivery({ step, profile, outcome }: Decided): boolean {
  if (outcome.verdict !== "end" || outcome.status !== "rejected") return false;
  const sizes = new Map(Object.entries(step.artifacts).map(([kind, { sizeBytes }]) => [kind, sizeBytes]));
  for (const { kind, sizeBytes } of outcome.artifacts ?? []) sizes.set(kind, sizeBytes);
  const kinds = handedOver(profile, { ...step, status: outcome.status }, (kind) => sizes.has(kind));
  return (
    kinds.length > 0 &&
    !fitsReply(
      profile,
      step.source,
      kinds.map((kind) => sizes.get(kind) ?? 0),
    )
  );
}

/** Whether a decision says anything that the batch's row keeps. */
function hasProgress(decision: Decision): boolean {
  const { tableName, counts, issueTotals, linkKeyId, linksExpireAt, storyboardVersion, imported } = decision;
  const facts = [tableName, counts, issueTotals, linkKeyId, linksExpireAt, storyboardVersion, imported];
  return facts.some((each) => each !== undefined);
}

/** The line of a batch's history on a delivery that failed after the batch's end. */
export const lateFailure = ({ batchId, kind }: { batchId: number; kind: StepKind }, error: StoredError) => ({
  batchId,
  event: "failed after the end",
  actor: "pipeline",
  detail: { step: kind, code: error.code, message: error.message },
});

async function recordFailure(tx: Tx, kind: StepKind, { step, profile, fault, error }: Failed): Promise<Told> {
  const run = await lockRun(tx, step.runId);
  const batch = await lockBatch(tx, step.batchId);
  let told = nothingClosed();
  if (batch && !isEnded(batch.status)) {
    const status = fault === "file" ? "rejected" : "failed";
    const message = fault === "file" ? error.message : `The ${STAGE_NAMES[kind]} failed: ${error.message}`;
    const reason: Reason = { code: error.code, message };
    told = await closeBatch(tx, { run, batchId: batch.id, status, reason, profile });
  } else if (batch) {
    await recordBatchEvent(tx, lateFailure(step, error));
  }
  if (!(await failStep(tx, { ...step, error }))) throw new Fenced();
  return told;
}
