import { expect, it } from "vitest";
import { FAULT_KINDS, plantFault, scoreFaults } from "./planted-faults.ts";

it("plants the same fault for the same seed", () => {
  for (const kind of FAULT_KINDS) expect(plantFault(5, kind, 3)).toEqual(plantFault(5, kind, 3));
});

it("the exact line of a single fault is named in more than 99 % of the files, and its column where it has one", async () => {
  const misses: string[] = [];
  const scores = await scoreFaults(2026, 20, ({ kind, line, column, dialect }, { first }, variant) => {
    const place = `line ${line}, column ${column}, not line ${first?.line}, column ${first?.column} (${first?.code})`;
    misses.push(`${kind} ${variant} (${JSON.stringify(dialect)}): ${place}`);
  });
  const sum = (of: "files" | "line" | "columnFiles" | "column" | "alone") =>
    Object.values(scores).reduce((total, score) => total + score[of], 0);
  const told = misses.join("\n");
  expect(sum("files")).toBeGreaterThan(500);
  expect(sum("line") / sum("files"), told).toBeGreaterThan(0.99);
  expect(sum("column") / sum("columnFiles"), told).toBeGreaterThan(0.99);
  // One fault is one finding in one line: what follows from it is not reported again.
  expect(sum("alone") / sum("files"), told).toBeGreaterThan(0.98);
});
