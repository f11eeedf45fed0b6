import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { logFileName } from "./log-file-name.ts";
import { type LogKeeping, sweepLogs } from "./log-sweep.ts";

/** Lines wait so long for others to be written with. */
const TOGETHER_MS = 200;
/** What waits at most, while the disk is slow; beyond it lines are lost, and counted. */
const MOST_WAITING_CHARS = 4 * 1024 * 1024;
/** A file is followed by the next one at this size, or after a day: what is kept is kept by whole files. */
const FILE_BYTES = 16 * 1024 * 1024;
const FILE_AGE_MS = 86_400_000;
/** A disk that refused is tried again after this time. */
const PAUSE_MS = 30_000;
const SWEPT_EVERY_MS = 3_600_000;
/** A file that was not written to for so long may have been swept away by another process. */
const LOOKED_FOR_AFTER_MS = 60_000;

/** Where a logger's lines go besides its standard output. Best effort: it never throws, and nothing waits for it. */
export interface LogFiles {
  /** @param line with its line break */
  write(line: string): void;
  /** Writes what waits, at once: the process is about to end. */
  flushSync(): void;
  /** Writes what waits; at most half a second. */
  close(): Promise<void>;
}

interface LogFilesOptions extends LogKeeping {
  folder: string;
  service: string;
  /** How long a disk that refused is left alone. Default 30 s. */
  pauseMs?: number;
}

interface OpenFile {
  name: string;
  handle: FileHandle;
  openedMs: number;
  writtenMs: number;
  sizeBytes: number;
}

/** Opens the log files of this process. Nothing is made before the first line. */
export function openLogFiles({ folder, service, pauseMs = PAUSE_MS, ...keeping }: LogFilesOptions): LogFiles {
  let waiting: string[] = [];
  let waitingChars = 0;
  let lost = 0;
  let file: OpenFile | undefined;
  let pausedUntilMs = 0;
  let sweptMs = 0;
  let isTorn = false;
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<void> | undefined;

  function take(): Buffer {
    const lines = lost === 0 ? waiting : [...waiting, lossLine(service, lost)];
    // A write that broke off may have left half a line.
    const bytes = Buffer.from((isTorn ? "\n" : "") + lines.join(""));
    waiting = [];
    waitingChars = 0;
    lost = 0;
    isTorn = false;
    return bytes;
  }

  async function current(): Promise<OpenFile> {
    const nowMs = Date.now();
    if (file !== undefined) {
      const isOver = file.sizeBytes >= FILE_BYTES || nowMs - file.openedMs > FILE_AGE_MS;
      const isGone = nowMs - file.writtenMs > LOOKED_FOR_AFTER_MS && (await file.handle.stat()).nlink === 0;
      if (!isOver && !isGone) return file;
      const { handle } = file;
      file = undefined;
      await handle.close();
    }
    await mkdir(folder, { recursive: true, mode: 0o750 });
    const name = logFileName(service, new Date(nowMs));
    file = {
      name,
      handle: await open(join(folder, name), "a", 0o640),
      openedMs: nowMs,
      writtenMs: nowMs,
      sizeBytes: 0,
    };
    return file;
  }

  async function writeOut(): Promise<void> {
    while (waiting.length > 0 && Date.now() >= pausedUntilMs) {
      let taken = 0;
      try {
        const target = await current();
        taken = waiting.length + lost;
        const bytes = take();
        await target.handle.writeFile(bytes);
        taken = 0;
        target.sizeBytes += bytes.length;
        target.writtenMs = Date.now();
        if (target.writtenMs - sweptMs > SWEPT_EVERY_MS || target.sizeBytes >= FILE_BYTES) {
          sweptMs = target.writtenMs;
          // What is written is written; the next sweep takes what this one could not.
          await sweepLogs(folder, keeping, target.name).catch(() => {});
        }
      } catch {
        // A full disk, or a folder that is away: what is on standard output is the log; this is a copy for reading.
        pausedUntilMs = Date.now() + pauseMs;
        isTorn = true;
        lost += taken + waiting.length;
        waiting = [];
        waitingChars = 0;
      }
    }
  }

  function flush(): void {
    timer = undefined;
    underWay ??= writeOut().finally(() => {
      underWay = undefined;
    });
  }

  function flushSync(): void {
    if (waiting.length === 0 || Date.now() < pausedUntilMs) return;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o750 });
      const fd = openSync(join(folder, file?.name ?? logFileName(service, new Date())), "a", 0o640);
      try {
        writeSync(fd, take());
      } finally {
        closeSync(fd);
      }
    } catch {
      // The process ends; there is nobody left to tell.
    }
  }

  process.on("exit", flushSync);
  return {
    write(line) {
      if (waitingChars > MOST_WAITING_CHARS || Date.now() < pausedUntilMs) {
        lost += 1;
        return;
      }
      waiting.push(line);
      waitingChars += line.length;
      timer ??= setTimeout(flush, TOGETHER_MS).unref();
    },
    flushSync,
    async close() {
      clearTimeout(timer);
      flush();
      await Promise.race([underWay, new Promise((resolve) => setTimeout(resolve, 500).unref())]);
      process.off("exit", flushSync);
      flushSync();
      await file?.handle.close().catch(() => {});
      file = undefined;
    },
  };
}

/** Says in the log itself that some of it is missing. */
function lossLine(service: string, lost: number): string {
  const line = {
    level: 40,
    time: new Date().toISOString(),
    service,
    pid: process.pid,
    lost,
    msg: "log lines were lost",
  };
  return `${JSON.stringify(line)}\n`;
}
