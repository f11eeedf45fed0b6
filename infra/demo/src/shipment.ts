import { stat } from "node:fs/promises";
import { type BatchDetail, isEnded, type Profile, stepPlan } from "@inlet/contracts";
import type { Track } from "./board.ts";
import type { Hub } from "./hub.ts";
import { type Login, upload, withSftp } from "./sftp.ts";

/** One file on its way to the hub, under the name that its client gives it. */
export interface Shipment {
  profile: Profile;
  login: Login;
  /** The local file. */
  from: string;
  name: string;
  track: Track;
  batch: BatchDetail | undefined;
}

const LOOK_MS = 60;
/** A hub on which nothing moves for so long has a fault that waiting does not mend. */
const STANDSTILL_MS = 120_000;

export async function prepareShipment(facts: Pick<Shipment, "profile" | "login" | "from" | "name">): Promise<Shipment> {
  const { profile, name, from } = facts;
  const track: Track = {
    client: profile.client,
    title: profile.title ?? profile.project,
    fileName: name,
    sizeBytes: (await stat(from)).size,
    uploaded: 0,
    plan: stepPlan(profile),
    stages: {},
    status: undefined,
    attempts: 0,
    ...{ records: null, rejected: null, imported: null, links: null },
    issueCount: 0,
  };
  return { ...facts, track, batch: undefined };
}

/** Uploads the files and follows their batches to their ends; those of one client go through one session. */
export async function send(
  hub: Hub,
  shipments: readonly Shipment[],
  { changed, signal }: { changed: () => void; signal: AbortSignal },
): Promise<void> {
  const byLogin = Map.groupBy(shipments, ({ login }) => login);
  const known = await knownBatches(hub, shipments);
  const uploads = [...byLogin].map(([login, own]) =>
    withSftp(login, async (sftp) => {
      for (const { profile, from, name, track } of own) {
        signal.throwIfAborted();
        await upload(
          sftp,
          { from, folder: profile.folders?.uploads ?? "/", name, sizeBytes: track.sizeBytes },
          (part) => {
            track.uploaded = part;
            changed();
          },
        );
      }
    }),
  );
  await Promise.all([...uploads, ...shipments.map((shipment) => follow(hub, shipment, { known, changed, signal }))]);
}

async function knownBatches(hub: Hub, shipments: readonly Shipment[]): Promise<Set<number>> {
  const lists = await Promise.all(
    shipments.map(({ profile: { client, project }, name }) => hub.listBatches({ client, project, text: name })),
  );
  return new Set(lists.flat().map(({ id }) => id));
}

interface Following {
  known: ReadonlySet<number>;
  changed: () => void;
  signal: AbortSignal;
}

async function follow(hub: Hub, shipment: Shipment, { known, changed, signal }: Following): Promise<void> {
  const { client, project } = shipment.profile;
  let seen = "";
  let movedAt = Date.now();
  for (;;) {
    signal.throwIfAborted();
    if (shipment.track.uploaded > 0) {
      const id =
        shipment.batch?.id ??
        (await hub.listBatches({ client, project, text: shipment.name })).find(
          (batch) => !known.has(batch.id) && batch.fileName === shipment.name,
        )?.id;
      if (id !== undefined) {
        shipment.batch = await hub.batch(id);
        show(shipment.track, shipment.batch);
        changed();
      }
    }
    if (shipment.batch && isEnded(shipment.batch.status)) return;
    const now = JSON.stringify(shipment.track);
    if (now !== seen) movedAt = Date.now();
    seen = now;
    if (Date.now() - movedAt > STANDSTILL_MS) throw new Error(`${shipment.name} has not moved for two minutes`);
    await pause(LOOK_MS);
  }
}

function show(track: Track, batch: BatchDetail): void {
  const { records, rejected, imported, links } = batch.counts;
  const attempts = batch.stage?.attempts ?? 0;
  Object.assign(track, {
    status: batch.status,
    attempts,
    records,
    rejected,
    imported,
    links,
    issueCount: batch.issueCount,
  });
  for (const step of batch.steps) track.stages[step.kind] = step.state;
}

/** Waits until the batches' runs are reported and their e-mails have gone or failed; the batches are read once more then. */
export async function awaitReports(
  hub: Hub,
  shipments: readonly Shipment[],
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  const runIds = new Set(shipments.flatMap(({ batch }) => batch?.runId ?? []));
  for (const runId of runIds) {
    for (;;) {
      signal.throwIfAborted();
      const { state, messages } = await hub.run(runId);
      if (state === "reported" && messages.every((message) => message.state === "sent" || message.state === "failed"))
        break;
      if (Date.now() > deadline) {
        const error = messages.find((message) => message.error)?.error?.message;
        throw new Error(`the e-mails did not go within ${timeoutMs / 1000} s${error ? `: ${error}` : ""}`);
      }
      await pause(LOOK_MS);
    }
  }
  for (const shipment of shipments) if (shipment.batch) shipment.batch = await hub.batch(shipment.batch.id);
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
