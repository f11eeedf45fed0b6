import { describe, expect, test } from "vitest";
import type { Failure } from "../failure.ts";
import { itemDelayMs, MOST_ATTEMPTS, standBackMs } from "./back-off.ts";
import { Judge } from "./judge.ts";

const failure = (kind: Failure["kind"], code: string, retryAfterMs?: number): Failure => ({
  ...{ kind, code, message: code },
  ...(retryAfterMs !== undefined && { retryAfterMs }),
});
const away = failure("passing", "outside_unavailable");
const refused = failure("item", "outside_refused");

describe("whether the item alone waits, or everything does", () => {
  test.each([
    ["nobody is there", failure("passing", "http_unreachable"), "stand back"],
    ["no connection", failure("passing", "outside_unreachable"), "stand back"],
    ["it asks for a pause", failure("passing", "outside_unavailable", 2_000), "stand back"],
    ["it is busy", failure("passing", "outside_busy"), "stand back"],
    ["a key is refused", failure("person", "outside_access"), "stand back"],
    ["one item breaks it", away, "park"],
    ["one item takes too long", failure("passing", "http_timeout"), "park"],
    ["one item is refused", refused, "park"],
  ] as const)("%s", (_what, given, verdict) => {
    expect(new Judge().failed(given)).toBe(verdict);
  });

  test("three in a row that may pass are not the items' doing; one that was taken between them says that they are", () => {
    const judge = new Judge();
    expect([judge.failed(away), judge.failed(away), judge.failed(away)]).toEqual(["park", "park", "stand back"]);
    judge.taken();
    expect(judge.failed(away)).toBe("park");
  });

  test("refused items wait alone, however many; but twenty in a row make all wait for a moment, and then twenty more", () => {
    const judge = new Judge();
    const rounds = Array.from({ length: 40 }, () => [judge.failed(refused), judge.isRefusingAll()]);
    expect(new Set(rounds.map(([verdict]) => verdict))).toEqual(new Set(["park"]));
    expect(rounds.flatMap(([, all], n) => (all ? [n + 1] : []))).toEqual([20, 40]);
  });
});

describe("how long is waited", () => {
  const half = { baseMs: 5_000, random: 0 };
  test.each([
    ["passing", 1, undefined, 5_000],
    ["passing", 2, undefined, 10_000],
    ["passing", 100, undefined, 300_000],
    ["passing", 1, 60_000, 60_000],
    ["passing", 7, 1_000, 300_000],
    ["passing", 1, 999_999_999, 86_400_000],
    ["person", 100, undefined, 900_000],
    ["item", 100, undefined, 30_000],
  ] as const)("%s, no. %d, asked for %s ms", (kind, failures, retryAfterMs, expected) => {
    expect(standBackMs({ kind, retryAfterMs }, failures, half)).toBe(expected);
  });

  test("up to a fifth more, so that not all come back together", () => {
    expect(standBackMs({ kind: "passing" }, 1, { baseMs: 5_000, random: 0.999 })).toBe(5_999);
  });

  test("an item is given up after about two days", () => {
    const delays = Array.from({ length: MOST_ATTEMPTS }, (_, n) => itemDelayMs(n + 1, half));
    expect(delays.slice(0, 4)).toEqual([5_000, 20_000, 80_000, 320_000]);
    expect(delays.at(-1)).toBeUndefined();
    const hours = delays.reduce<number>((sum, delay) => sum + (delay ?? 0), 0) / 3_600_000;
    expect(hours).toBeGreaterThan(24);
    expect(hours).toBeLessThan(72);
  });
});
