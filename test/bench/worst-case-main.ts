// One worst case in a process of its own: checks the stream, and tells its parent how it went.
import { type Issue, tableSchema } from "@inlet/contracts";
import { check, ErrorFile } from "@inlet/delimited";
import { patternSource, WORST_CASES } from "./worst-case-streams.ts";

/** How a worst case went. */
export interface WorstCaseResult {
  ms: number;
  /** Of all the process's threads. */
  processorMs: number;
  sizeBytes: number;
  peakMemoryMb: number;
  records: number;
  rejected: number;
  issues: number;
  firstError: string;
}

/** Findings that the validator keeps. */
const KEPT_ISSUES = 1_000;

const [name, size] = process.argv.slice(2);
const source = patternSource(WORST_CASES[name!]!, Number(size));
const table = tableSchema.parse({
  name: "rows",
  columns: [
    { name: "id", type: "integer" },
    { name: "name", required: true },
    { name: "amount", type: "decimal" },
    { name: "note" },
  ],
  invalid: { policy: "skip" },
  // Told, so that no case is got out of by reading it as a file without quotes.
  format: { quote: '"' },
});
const issues: Issue[] = [];
const errors = new ErrorFile(() => {});
const startedMs = performance.now();
const used = process.cpuUsage();
const report = await check(source, {
  table,
  sinks: { failed: errors },
  onIssue: (issue) => {
    if (issues.length < KEPT_ISSUES) issues.push(issue);
  },
});
await errors.end();
const first = issues.find(({ severity }) => severity === "error");
const { user, system } = process.cpuUsage(used);
const result: WorstCaseResult = {
  processorMs: Math.round((user + system) / 1000),
  ms: performance.now() - startedMs,
  sizeBytes: source.sizeBytes,
  peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
  records: report.counts.records,
  rejected: report.counts.rejected,
  issues: report.issues.errors + report.issues.warnings,
  firstError: first === undefined ? "no error" : `${first.code} in line ${first.line}`,
};
process.send!(result);
process.disconnect();
