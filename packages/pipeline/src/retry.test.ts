import { InvalidInput, InvariantBroken, Unavailable } from "@inlet/contracts";
import { expect, test } from "vitest";
import { afterFailure, backOffMs } from "./retry.ts";

const words = { code: "x", message: "x" };

test("the file's fault is never retried and rejects the file", () => {
  expect(afterFailure(new InvalidInput(words), 1, 0)).toMatchObject({ action: "give up", fault: "file" });
});

test("a broken invariant is never retried and is ours", () => {
  expect(afterFailure(new InvariantBroken(words), 1, 0)).toMatchObject({ action: "give up", fault: "ours" });
});

test("what is away is retried for long, a full disk for a while, the unknown a few times", () => {
  const away = new Unavailable(words);
  const full = new Unavailable({ code: "disk_full", message: "full" });
  const retries = (error: unknown) => {
    let attempts = 1;
    while (afterFailure(error, attempts, 0).action === "retry") attempts += 1;
    return attempts;
  };
  expect(retries(away)).toBe(32);
  expect(retries(full)).toBe(6);
  expect(retries(new Error("odd"))).toBe(4);
});

test("a lost connection to PostgreSQL counts as away", () => {
  const lost = Object.assign(new Error("terminating connection due to administrator command"), { code: "57P01" });
  expect(afterFailure(lost, 5, 0)).toMatchObject({ action: "retry", error: { code: "database_unavailable" } });
});

test("delays double up to a bound, with jitter", () => {
  expect([1, 2, 3, 4].map((attempts) => backOffMs(attempts, 0))).toEqual([500, 1000, 2000, 4000]);
  expect(backOffMs(1, 0.5)).toBe(550);
  expect(backOffMs(1000, 0)).toBe(300_000);
  expect([1, 2, 3].map((attempts) => backOffMs(attempts, 0, 20))).toEqual([20, 40, 80]);
  expect(afterFailure(new Error("odd"), 2, 0, 20)).toMatchObject({ action: "retry", delayMs: 40 });
});
