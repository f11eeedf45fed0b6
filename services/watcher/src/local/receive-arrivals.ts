import type { Blobs } from "@inlet/blobs";
import {
  isErrorFileName,
  matchContainer,
  matchErrorFile,
  matchFile,
  type Profile,
  type Reason,
  unknownFileName,
} from "@inlet/contracts";
import {
  type ArrivedPull,
  type Artifact,
  type Database,
  endArrivals,
  type LiveProject,
  lockOldestArrivals,
  lockProjectIntake,
  type MessageRef,
  markArrivalsClaimed,
  type OpenArrival,
  pullsOfArrivals,
  putArrivalHash,
  receivingState,
  recordAudit,
  recordEarlierEvents,
  type StepRef,
  type Tx,
  transaction,
} from "@inlet/database";
import { type IncomingFile, pullRefusal, type ReceivedFile, receiveFiles } from "@inlet/pipeline";
import { failpoint, type Logger } from "@inlet/runtime";
import { runKeyOf } from "../match-file.ts";
import type { ClaimedFile, Claims } from "./claims.ts";
import { hashFile } from "./hash-file.ts";

/** What taking in arrivals needs. */
export interface IntakeParts {
  database: Database;
  blobs: Blobs;
  claims: Claims;
  logger: Logger;
  projectAt: (tx: Tx, projectId: number, version: number) => Promise<LiveProject>;
}

/** What one transaction brought. Publish `steps` and `messages`. */
export interface Intake {
  /** How many arrivals became batches. */
  taken: number;
  /** The batches that they became. */
  batches: number[];
  /** Whether more may be waiting that can be taken now. */
  more: boolean;
  steps: StepRef[];
  messages: MessageRef[];
  /** A large file at the head of the queue, claimed. Nothing behind it is taken before {@link hashArrival} was called. */
  toHash: ToHash | undefined;
}

interface ToHash {
  arrivalId: number;
  path: string;
}

/** A file up to this size is hashed while the project is locked; a larger one is claimed first and hashed in peace. */
const HASHED_AT_ONCE_BYTES = 1024 * 1024;

/** How long an arrival's file may be nowhere, because of a file system that is slow to show it, before it counts as lost. */
const MISSING_GRACE_MS = 10_000;

/** SHA-256 of a batch whose file is lost: unknown. */
const NO_HASH = Buffer.alloc(32);

/**
 * Makes batches of a project's oldest arrivals, in order of arrival, in one transaction: claims each file, stores it,
 * inserts batch and first step. Whatever a crash leaves half done, the next call finishes.
 */
export async function receiveArrivals(
  parts: IntakeParts,
  { projectId, limit }: { projectId: number; limit: number },
): Promise<Intake> {
  const { database, claims, logger } = parts;
  const step = await transaction(database, (tx) => receiveSome(tx, parts, { projectId, limit }));
  if (step.taken.length > 0) failpoint("watcher.committed");
  await Promise.all(step.taken.map((id) => claims.release(id))).catch((err) => {
    logger.warn({ err }, "could not remove a claimed file; a later sweep will");
  });
  return { ...step, taken: step.taken.length, toHash: step.toHash };
}

/** Hashes a claimed file and keeps the hash. Takes as long as reading the file does, and holds nothing meanwhile. */
export async function hashArrival(
  { database }: Pick<IntakeParts, "database">,
  { arrivalId, path }: ToHash,
  signal: AbortSignal,
): Promise<void> {
  await putArrivalHash(database, { arrivalId, sha256: await hashFile(path, signal) });
}

interface Received {
  taken: number[];
  batches: number[];
  steps: StepRef[];
  messages: MessageRef[];
  /** A large file at the head of the queue: claimed, not hashed. */
  toHash?: ToHash;
  more: boolean;
}

interface Claim {
  arrival: OpenArrival;
  file: ClaimedFile | undefined;
  /** The pull that it came of. */
  pull?: ArrivedPull;
}

/** The pulls that arrivals came of; others are not asked about. */
async function pullsAmong(tx: Tx, arrivals: readonly OpenArrival[]): Promise<Map<number, ArrivedPull>> {
  const pulled = arrivals.filter(({ source }) => source === "pull").map(({ id }) => id);
  return pulled.length > 0 ? await pullsOfArrivals(tx, pulled) : new Map();
}

async function receiveSome(
  tx: Tx,
  parts: IntakeParts,
  { projectId, limit }: { projectId: number; limit: number },
): Promise<Received> {
  const received: Received = { taken: [], batches: [], steps: [], messages: [], more: false };
  await lockProjectIntake(tx, projectId);
  const arrivals = await lockOldestArrivals(tx, { projectId, limit });
  // Under the lock, so that a file that comes as the project goes live is one or the other.
  const receiving = arrivals.length === 0 ? undefined : await receivingState(tx, projectId);
  if (receiving === undefined) return received;
  const { profileVersion, state } = receiving;
  const project = { ...(await parts.projectAt(tx, projectId, profileVersion)), state };
  const pulls = await pullsAmong(tx, arrivals);
  const claimed: Claim[] = await Promise.all(
    arrivals.map(async (arrival) => {
      const pull = pulls.get(arrival.id);
      // Of a pull that was stopped there is no file.
      const file = pull?.stopped ? undefined : await parts.claims.claim(arrival);
      return { arrival, file, ...(pull && { pull }) };
    }),
  );
  failpoint("watcher.claimed");

  const ready = takeable(claimed);
  const next = claimed[ready.length];
  received.more = next ? next.file !== undefined : arrivals.length === limit;
  if (next && !next.file) parts.logger.debug({ arrivalId: next.arrival.id }, "the file of an arrival is not there yet");
  if (ready.length === 0 && next?.file) {
    await markArrivalsClaimed(tx, [next.arrival.id]);
    received.toHash = { arrivalId: next.arrival.id, path: next.file.path };
    return received;
  }

  if (ready.length === 0) return received;

  const files = await Promise.all(ready.map((claim) => incoming(parts, project, claim)));
  const lost = ready.filter(({ file, pull }) => file === undefined && !pull?.stopped).map(({ arrival }) => arrival);
  for (const arrival of lost) await recordLoss(tx, project, arrival, parts.logger);
  const { batches, steps, messages } = await receiveFiles(tx, project, files);
  received.batches = batches.map(({ batchId }) => batchId);
  received.taken = ready.map(({ arrival }) => arrival.id);
  const withHistory = ready.filter(({ arrival }) => arrival.hasHistory).map(({ arrival }) => arrival.id);
  if (withHistory.length > 0) await recordEarlierEvents(tx, withHistory);
  await endArrivals(tx, { arrivalIds: received.taken, lost: lost.map(({ id }) => id) });
  failpoint("watcher.before-commit");
  return { ...received, steps, messages };
}

async function incoming({ blobs }: IntakeParts, project: LiveProject, claim: Claim): Promise<IncomingFile> {
  const { client, profile } = project;
  const { arrival, file, pull } = claim;
  const sha256 = arrival.sha256 ?? (file && (await hashFile(file.path))) ?? NO_HASH;
  return {
    ...describe(profile, arrival, file, sha256),
    ...(pull && describePull(project, pull, claim)),
    async storeSource(batchId) {
      if (file === undefined) return null;
      const blobKey = `${client}/${batchId}/source`;
      await blobs.adopt(blobKey, file.path);
      return { kind: "source", blobKey, name: arrival.fileName, sizeBytes: file.sizeBytes, sha256 };
    },
    ...(arrival.flag && arrival.flagName && { storeFlag: storeFlag(blobs, client, arrival.flag, arrival.flagName) }),
  };
}

/** What is different of a file that was pulled: its run, and why it may be refused. */
function describePull({ profile, state }: LiveProject, pull: ArrivedPull, { arrival, file }: Claim) {
  const table = chosenTable(profile, arrival);
  const isRehearsing = state === "rehearsal";
  const refusal = pullRefusal(pull, { isRehearsing, hasTable: table !== undefined });
  return {
    tableName: table ?? null,
    fileDate: null,
    runKey: pull.runKey ?? `pull ${pull.pullId}`,
    refusal: refusal ?? damage(arrival, file),
  };
}

function storeFlag(blobs: Blobs, client: string, content: Buffer, name: string) {
  return async (batchId: number): Promise<Artifact> => {
    const { key: blobKey, ...stored } = await blobs.put(`${client}/${batchId}/flag`, content);
    return { kind: "flag", blobKey, name, ...stored };
  };
}

/** The claims from the head of the queue on that can become batches now. None overtakes another. */
function takeable(claimed: readonly Claim[]): Claim[] {
  const stop = claimed.findIndex(({ arrival, file, pull }) =>
    file === undefined
      ? !pull?.stopped && arrival.ageMs < MISSING_GRACE_MS
      : arrival.sha256 === null && file.sizeBytes > HASHED_AT_ONCE_BYTES,
  );
  return stop === -1 ? [...claimed] : claimed.slice(0, stop);
}

function describe(profile: Profile, arrival: OpenArrival, file: ClaimedFile | undefined, sha256: Buffer): ReceivedFile {
  const { fileName } = arrival;
  const match = matchErrorFile(profile, fileName) ?? matchFile(profile, fileName) ?? matchContainer(fileName);
  return {
    arrivalId: arrival.id,
    accountId: arrival.accountId,
    source: arrival.source,
    fileName,
    sizeBytes: file?.sizeBytes ?? arrival.sizeBytes,
    sha256,
    declared: arrival.declared,
    mapping: arrival.mapping,
    tableName: chosenTable(profile, arrival) ?? match?.table ?? null,
    runKey: runKeyOf(profile, match),
    fileDate: match?.date ?? null,
    isErrorFile: isErrorFileName(fileName),
    refusal:
      damage(arrival, file) ?? (match || chosenTable(profile, arrival) ? null : unknownFileName(profile, fileName)),
  };
}

/** The table that the sender chose, while the profile has it. */
function chosenTable({ tables }: Profile, { tableName }: OpenArrival): string | undefined {
  return tables.find(({ name }) => name === tableName)?.name;
}

/** Why what is on the disk is not what its sender was told we have. */
function damage(arrival: OpenArrival, file: ClaimedFile | undefined): Reason | null {
  if (file === undefined) {
    return {
      code: "file_lost",
      message: `${arrival.fileName} was received, but is missing from the data folder. Nothing was imported. Please send it again; it may have the same name.`,
    };
  }
  if (file.sizeBytes === arrival.sizeBytes) return null;
  return {
    code: "file_damaged",
    message: `${arrival.fileName} was received with ${arrival.sizeBytes} bytes, but ${file.sizeBytes} are in the data folder. Nothing was imported. Please send it again; it may have the same name.`,
  };
}

async function recordLoss(tx: Tx, project: LiveProject, arrival: OpenArrival, logger: Logger): Promise<void> {
  const facts = { arrivalId: arrival.id, client: project.client, project: project.project };
  logger.error(facts, "the file of an arrival is missing; its sender is told");
  await recordAudit(tx, {
    actor: "watcher",
    action: "arrival.lost",
    path: arrival.path,
    sha256: arrival.sha256,
    outcome: "lost",
    detail: { ...facts, sizeBytes: arrival.sizeBytes, location: arrival.location },
  });
}
