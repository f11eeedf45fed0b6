import type { BatchStatus, StepKind } from "@inlet/contracts";

/** What a stage is called while it runs, when it is done, and as a thing. */
export const STAGE_WORDS: Readonly<Record<StepKind, { running: string; done: string; noun: string }>> = {
  validate: { running: "Being checked", done: "Checked", noun: "check" },
  personalise: { running: "Links are being made", done: "Links made", noun: "making of the links" },
  import: { running: "Being imported", done: "Imported", noun: "import" },
  deliver: { running: "Being delivered", done: "Delivered", noun: "delivery" },
};

export const STATUS_WORDS: Readonly<Record<BatchStatus, string>> = {
  received: "Received",
  running: "Under way",
  completed: "Completed",
  partial: "Completed in part",
  rejected: "Rejected",
  failed: "Failed",
  duplicate: "Duplicate",
  superseded: "Superseded",
  cancelled: "Cancelled",
};

const SOURCE_WORDS: Readonly<Record<string, string>> = {
  gateway: "by SFTP",
  sftp: "from the client's own SFTP server",
  upload: "by upload",
};

export function sourceWords(source: string): string {
  return SOURCE_WORDS[source] ?? `from ${source}`;
}

/** `1,234 records`, `1 record`. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString("en-US")} ${noun}${number === 1 ? "" : "s"}`;
}

const UNITS = ["B", "KB", "MB", "GB", "TB"];

/** A size with three digits at most: `20.5 KB`. Powers of 1000. */
export function bytes(sizeBytes: number): string {
  let [size, unit] = [sizeBytes, 0];
  while (size >= 999.5 && unit < UNITS.length - 1) [size, unit] = [size / 1000, unit + 1];
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${UNITS[unit]}`;
}

/** `310 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(durationMs: number): string {
  if (durationMs < 1_000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 59_950) return `${(durationMs / 1_000).toFixed(1)} s`;
  const seconds = Math.round(durationMs / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
}
