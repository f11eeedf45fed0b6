import type { Operations } from "@inlet/contracts";
import { bytes, count, duration, figure } from "@inlet/contracts/figures";
import type { Tone } from "../../parts/mark.tsx";
import { queueWord } from "./queue-words.ts";

/** One part of the hub and how it stands. */
export interface PartHealth {
  name: string;
  tone: Extract<Tone, "good" | "warning" | "bad">;
  /** How it stands, in a few words. */
  state: string;
  /** The figures behind it. */
  detail: string;
}

/** Disks are filled by single files of many gigabytes: below a tenth, the next one may not fit. */
const DISK_WARNING = 0.1;
const DISK_BAD = 0.03;
/** PostgreSQL refuses connections beyond its most: the services share them with clients' readers. */
const CONNECTIONS_WARNING = 0.9;
/** What is due and not begun after so long waits for something that is not there. */
const WAITING_WARNING_MS = 5 * 60_000;

/** How each part of the hub stands. */
export function healthOf(hub: Operations): PartHealth[] {
  return [
    databaseHealth(hub),
    redisHealth(hub),
    diskHealth(hub),
    serviceHealth(hub),
    queueHealth(hub),
    sourceHealth(hub),
  ].filter((part) => part !== undefined);
}

/** All of it in one line. */
export function verdictOf(parts: readonly PartHealth[]): { tone: PartHealth["tone"]; text: string } {
  const [bad, warning] = (["bad", "warning"] as const).map((tone) => parts.filter((part) => part.tone === tone));
  const named = (found: readonly PartHealth[]) => found.map(({ name, state }) => `${name}: ${state}`).join(" · ");
  if (bad!.length > 0) return { tone: "bad", text: named([...bad!, ...warning!]) };
  if (warning!.length > 0) return { tone: "warning", text: named(warning!) };
  return { tone: "good", text: "Everything works" };
}

function databaseHealth({ database }: Operations): PartHealth {
  const { ok, latencyMs, version, sizeBytes, connections, mostConnections } = database;
  const detail = told([
    version === null ? "" : `version ${version}`,
    latencyMs === null ? "" : `answers in ${duration(latencyMs)}`,
    sizeBytes === null ? "" : bytes(sizeBytes),
    connections === null ? "" : `${connections} of ${mostConnections ?? "?"} connections`,
  ]);
  if (!ok) return { name: "PostgreSQL", tone: "bad", state: "Does not answer", detail };
  const isFull =
    connections !== null && mostConnections !== null && connections >= mostConnections * CONNECTIONS_WARNING;
  return isFull
    ? { name: "PostgreSQL", tone: "warning", state: "Nearly full", detail }
    : { name: "PostgreSQL", tone: "good", state: "Answers", detail };
}

function redisHealth({ redis: { ok, latencyMs, version, memoryBytes } }: Operations): PartHealth {
  const detail = told([
    version === null ? "" : `version ${version}`,
    latencyMs === null ? "" : `answers in ${duration(latencyMs)}`,
    memoryBytes === null ? "" : `${bytes(memoryBytes)} of memory`,
  ]);
  return ok
    ? { name: "Redis", tone: "good", state: "Answers", detail }
    : {
        name: "Redis",
        tone: "bad",
        state: "Does not answer",
        detail: "Work rests and loses nothing; it goes on by itself.",
      };
}

function diskHealth({ disk: { totalBytes, freeBytes } }: Operations): PartHealth {
  const free = totalBytes === 0 ? 0 : freeBytes / totalBytes;
  const detail = `${bytes(freeBytes)} of ${bytes(totalBytes)} free`;
  if (free < DISK_BAD) return { name: "Disk", tone: "bad", state: "Full", detail };
  if (free < DISK_WARNING) return { name: "Disk", tone: "warning", state: "Nearly full", detail };
  return { name: "Disk", tone: "good", state: `${Math.floor(free * 100)} % free`, detail };
}

/** A service whose processes are all silent or gone does nothing any more. */
function serviceHealth({ workers }: Operations): PartHealth {
  const alive = workers.filter(({ state }) => state === "alive");
  const services = [...new Set(workers.map(({ service }) => service))].sort();
  const missing = services.filter((service) => !alive.some((worker) => worker.service === service));
  const silent = workers.filter(({ state }) => state === "silent");
  const detail = `${count(services.length, "service")}, ${aliveText(alive.length)}`;
  if (missing.length > 0) {
    return {
      name: "Services",
      tone: "bad",
      state: `No ${missing.join(", no ")}`,
      detail,
    };
  }
  if (services.length === 0) return { name: "Services", tone: "bad", state: "None was heard of", detail };
  return silent.length > 0
    ? { name: "Services", tone: "warning", state: silentText(silent.length), detail }
    : { name: "Services", tone: "good", state: "All there", detail };
}

const processes = (number: number) => `${figure(number)} process${number === 1 ? "" : "es"}`;
const aliveText = (number: number) => `${processes(number)} alive`;
const silentText = (number: number) => `${processes(number)} not heard of`;

function queueHealth({ queues }: Operations): PartHealth {
  const due = queues.reduce((sum, { waiting }) => sum + waiting, 0);
  const under = queues.reduce((sum, { active }) => sum + active, 0);
  const failed = queues.reduce((sum, { failed: number }) => sum + number, 0);
  const detail = told([`${figure(due)} waiting`, `${figure(under)} being worked on`]);
  const slow = queues.filter(({ oldestWaitingMs }) => (oldestWaitingMs ?? 0) > WAITING_WARNING_MS);
  if (slow.length > 0) {
    return {
      name: "Work",
      tone: "warning",
      state: `${slow.map(({ queue }) => queueWord(queue)).join(", ")} behind`,
      detail,
    };
  }
  return failed > 0
    ? { name: "Work", tone: "warning", state: `${figure(failed)} failed for good`, detail }
    : { name: "Work", tone: "good", state: "Flows", detail };
}

/** A hub that looks at nobody's server has no such part. */
function sourceHealth({ sources }: Operations): PartHealth | undefined {
  if (sources.length === 0) return undefined;
  const failing = sources.filter(({ failures }) => failures > 0);
  const detail = `${count(sources.length, "place")} looked at`;
  return failing.length > 0
    ? { name: "Sources", tone: "warning", state: `${figure(failing.length)} in trouble`, detail }
    : { name: "Sources", tone: "good", state: "Reached", detail };
}

const told = (parts: readonly string[]) => parts.filter((part) => part !== "").join(" · ");
