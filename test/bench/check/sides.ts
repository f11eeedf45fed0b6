import type { Outcome, Turn } from "./turn.ts";

/** Who can be measured, by name. Each is loaded alone, so that no side's memory and start-up hold another's libraries. */
export const SIDES = {
  inlet: async () => (await import("./inlet-side.ts")).ours,
  duckdb: async () => (await import("./duckdb-side.ts")).duckdb,
  "csv-parse": async () => (await import("./library-sides.ts")).throughCsvParse,
  papaparse: async () => (await import("./library-sides.ts")).throughPapaparse,
  "fast-csv": async () => (await import("./library-sides.ts")).throughFastCsv,
} as const satisfies Record<string, () => Promise<(turn: Turn) => Promise<Outcome>>>;
export type SideName = keyof typeof SIDES;
