import type { Reconciliation, SubscriptionDetail, SyncLetter } from "@inlet/contracts";
import { expect, test } from "vitest";
import {
  behindText,
  comparisonLines,
  letterTable,
  sampleLines,
  subscriptionLines,
  subscriptionTable,
} from "./sync-text.ts";
import { type Terminal, widthOf } from "./terminal.ts";

const AT = "2026-11-20T09:00:00.000Z";
const NOW = new Date(AT);
const terminal = (columns: number): Terminal => ({
  ...{ isTTY: true, columns, write: () => {}, line: () => {} },
  paint: (style, text) => (style === "yellow" ? `\u001b[33m${text}\u001b[39m` : text),
});

const subscription = (more: Partial<SubscriptionDetail> = {}): SubscriptionDetail => ({
  ...{ id: 3, client: "iris", project: "shop", catalog: "items", name: "tills", use: "webhook", state: "active" },
  ...{ outward: true, inward: null, lag: { changes: 0, seconds: 0 }, backfill: null, pushed: 200, skipped: 0 },
  ...{ letters: { retrying: 0, dead: 0 }, problem: null, lastError: null, failingSince: null, nextAttemptAt: null },
  ...{ lastSuccessAt: AT, paused: null, inwardAddress: null, reconciles: null, createdAt: AT, incoming: null },
  ...more,
});

test("how far a subscription is behind is told by changes and age, and a first copy by items", () => {
  expect(behindText(subscription())).toBe("");
  expect(behindText(subscription({ lag: { changes: 198, seconds: 25.94 } }))).toBe("198 changes, 26 s");
  expect(behindText(subscription({ lag: { changes: 1, seconds: 0.4 } }))).toBe("1 change, 400 ms");
  expect(behindText(subscription({ backfill: { done: 122, total: 1_990 } }))).toBe("first copy 122 of 1,990");
  expect(behindText(subscription({ outward: false, lag: { changes: 7, seconds: 7 } }))).toBe("");
});

test("a subscription is told of in lines that fit, its state in colour, and old errors no more", () => {
  const message = "POST https://tills.example.com/items answered 503: ".concat(
    "maintenance until the evening ".repeat(5),
  );
  const failing = subscription({
    ...{ state: "failing", lastSuccessAt: null, lastError: { code: "unavailable", message, at: AT } },
    letters: { retrying: 2, dead: 0 },
  });
  const lines = subscriptionLines(failing, terminal(60), NOW);
  for (const line of lines) expect(widthOf(line.replaceAll(/\u001b\[\d+m/g, "")), line).toBeLessThanOrEqual(60);
  expect(lines).toContain("  state          \u001b[33mfailing\u001b[39m");
  expect(lines.join("\n")).toContain("0 given up, 2 tried again");
  expect(lines.filter((line) => line.includes("maintenance")).length).toBeGreaterThan(1);
  const later = subscription({ lastError: { code: "unavailable", message, at: "2026-11-20T08:59:59.000Z" } });
  expect(subscriptionLines(later, terminal(60), NOW).join("\n")).not.toContain("maintenance");
  for (const line of subscriptionTable([failing], terminal(80), NOW))
    expect(widthOf(line.replaceAll(/\u001b\[\d+m/g, ""))).toBeLessThanOrEqual(80);
});

test("a comparison is called alike only where nothing was refused either", () => {
  const result = {
    ...{ here: 200, there: 200, alike: 200, missingThere: 0, missingHere: 0, different: 0, inFlight: 0, invalid: 0 },
    ...{ sent: 0, taken: 0, left: 0, caution: null, samples: [] },
  };
  const done = (more: object): Reconciliation => ({
    ...{ id: 1, subscriptionId: 3, dueAt: null, actor: null, mend: false, state: "done", createdAt: AT },
    ...{ startedAt: AT, endedAt: AT, error: null, result: { ...result, ...more } },
  });
  const [alike] = comparisonLines(done({}), terminal(120), NOW);
  expect(alike).toMatch(/200 here, 200 there: alike$/);
  const samples = [{ kind: "invalid" as const, key: "W-2", columns: [] }];
  const drift = done({ there: 203, missingHere: 2, invalid: 1, taken: 2, samples });
  expect(comparisonLines(drift, terminal(120), NOW)[0]).toMatch(
    /203 there: 2 not here, 1 that our check refuses; 2 taken from there$/,
  );
  expect(sampleLines(drift)).toEqual(["  refused    W-2"]);
  const failed = {
    ...done({}),
    state: "failed" as const,
    result: null,
    error: { code: "x", message: "It lists nothing." },
  };
  expect(comparisonLines(failed, terminal(120), NOW)[0]).toMatch(/failed: It lists nothing\.$/);
});

test("a letter says what is wrong once, and with which value", () => {
  const message = "price must be 0 or more.";
  const letter: SyncLetter = {
    ...{ id: 51, subscriptionId: 3, direction: "in", state: "dead", key: "W-2", attempts: 1 },
    ...{ nextAttemptAt: null, createdAt: AT, changedAt: AT, dismissed: null },
    error: { code: "item_invalid", message: `items W-2: ${message}` },
    findings: [{ column: "price", code: "too_small", message, value: "-4.00" }],
  };
  const told = letterTable([letter], terminal(120), NOW)[1];
  expect(told).toMatch(/ 51 {2}in {3}dead {3}W-2 .* price must be 0 or more\. It is -4\.00\.$/);
  expect(told).not.toContain("items W-2");
  expect(letterTable([{ ...letter, findings: [] }], terminal(120), NOW)[1]).toContain("items W-2: price");
});
