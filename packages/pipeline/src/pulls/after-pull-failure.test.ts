import { Misconfigured, Unavailable } from "@inlet/contracts";
import { expect, test } from "vitest";
import { afterPullFailure, type FailedPull } from "./after-pull-failure.ts";

const buildPull = (overrides: Partial<FailedPull> = {}): FailedPull => ({
  ...{ tableName: "items", purpose: "import", failures: 1, expected: 100, received: 40, pages: 4, ...overrides },
});
const away = new Unavailable({ code: "http_timeout", message: "No answer.", context: { page: 5 } });
const terms = { random: 0, firstMs: 100 };

test("what may pass is tried again, each time later; what the system asks for is waited for", () => {
  expect(afterPullFailure(away, buildPull(), terms)).toMatchObject({ action: "retry", delayMs: 100, failedPage: 5 });
  expect(afterPullFailure(away, buildPull({ failures: 3 }), terms)).toMatchObject({ delayMs: 400, isSystems: true });
  const paused = new Unavailable({ code: "http_paused", message: "Left alone.", context: { waitMs: 15_000 } });
  expect(afterPullFailure(paused, buildPull(), terms)).toMatchObject({ delayMs: 15_000 });
});

test("what does not pass stops the pull with what came, the page and what to do", () => {
  const stopped = afterPullFailure(away, buildPull({ failures: 6 }), terms);
  expect(stopped).toMatchObject({ action: "stop", failedPage: 5, reason: { code: "pull_page_failed" } });
  const { message } = (stopped as Extract<typeof stopped, { action: "stop" }>).reason;
  expect(message).toMatch(/100 items were expected and 40 came, then page 5 failed: No answer\. It was tried 6 times/);
  const refused = new Misconfigured({ code: "system_access_denied", message: "The key is refused." });
  const denied = afterPullFailure(refused, buildPull({ pages: 0, received: 0, expected: null }), terms);
  expect(denied).toMatchObject({ action: "stop", isSystems: false, reason: { code: "pull_access_denied" } });
});

test("a probe's failure is its result at once, and PostgreSQL's absence nobody's fault", () => {
  expect(afterPullFailure(away, buildPull({ purpose: "probe" }), terms)).toMatchObject({
    ...{ action: "stop", reason: { code: "http_timeout", message: "No answer." } },
  });
  const ours = new Unavailable({ code: "database_unavailable", message: "Away." });
  const after = afterPullFailure(ours, buildPull({ failures: 50 }), terms);
  expect(after).toMatchObject({ action: "retry", isSystems: false });
});

test("an error that nobody foresaw is told by its kind alone: its text may hold anything", () => {
  const after = afterPullFailure(new TypeError("password=hunter2"), buildPull({ failures: 9 }), terms);
  expect(JSON.stringify(after)).not.toContain("hunter2");
  expect(after.action).toBe("stop");
});
