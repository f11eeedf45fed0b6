import type { BatchStatus } from "@inlet/contracts";
import { EXIT } from "./exit-codes.ts";
import type { Style } from "./terminal.ts";

const STYLES: Readonly<Record<BatchStatus, Style>> = {
  received: "cyan",
  running: "cyan",
  completed: "green",
  partial: "yellow",
  rejected: "red",
  failed: "red",
  duplicate: "yellow",
  superseded: "yellow",
  cancelled: "yellow",
  unpacked: "green",
};

/** The colour of a status. */
export function statusStyle(status: BatchStatus): Style {
  return STYLES[status];
}

/** The exit code that tells how a batch ended. */
export function exitCodeOf(status: BatchStatus): number {
  if (status === "completed" || status === "unpacked") return EXIT.ok;
  return status === "partial" ? EXIT.partial : EXIT.endedBadly;
}
