import { Misconfigured, Unavailable } from "@inlet/contracts";
import { describe, expect, test } from "vitest";
import { openBreaker } from "./breaker.ts";
import type { HttpAnswer, HttpRequest } from "./http.ts";
import { retryAfterMs } from "./retry-after.ts";
import { isWorthRetrying, nextWaitMs, RETRIES } from "./retry-policy.ts";
import { sendWithRetries } from "./send-with-retries.ts";
import { openSharedSystem } from "./shared-system.ts";
import { openTurns } from "./turns.ts";

const NOW = new Date("2026-11-20T09:00:00Z");

test.each([
  ["120", 120_000],
  ["0", 0],
  [" 5 ", 5_000],
  ["999999999", 3_600_000],
  ["Fri, 20 Nov 2026 09:00:30 GMT", 30_000],
  ["Fri, 20 Nov 2026 08:00:00 GMT", 0],
  ["Sat, 20 Nov 2027 09:00:00 GMT", 3_600_000],
  ["-1", undefined],
  ["1.5", undefined],
  ["soon", undefined],
  ["", undefined],
  [undefined, undefined],
])("Retry-After %j is %s ms", (text, ms) => {
  expect(retryAfterMs(text === undefined ? {} : { "retry-after": text }, NOW)).toBe(ms);
});

describe("waits", () => {
  const policy = { attempts: 5, withinMs: 100_000, firstWaitMs: 1_000, longestWaitMs: 3_000 };
  const wait = (attempt: number, more: { elapsedMs?: number; askedMs?: number; random?: number } = {}) =>
    nextWaitMs({ attempt, elapsedMs: more.elapsedMs ?? 0, askedMs: more.askedMs }, policy, () => more.random ?? 0.5);

  test("double, up to the longest, until the attempts are used up", () => {
    expect([1, 2, 3, 4, 5].map((attempt) => wait(attempt))).toEqual([1_000, 2_000, 3_000, 3_000, undefined]);
  });

  test("are drawn from half to one and a half", () => {
    expect([wait(1, { random: 0 }), wait(1, { random: 1 })]).toEqual([500, 1_500]);
  });

  test("are as long as was asked for, and never shorter", () => {
    expect([wait(1, { askedMs: 20_000, random: 0 }), wait(1, { askedMs: 20_000, random: 1 })]).toEqual([
      20_000, 20_500,
    ]);
  });

  test("end when they would lead beyond the time", () => {
    expect(wait(1, { elapsedMs: 99_500 })).toBeUndefined();
    expect(wait(1, { askedMs: 100_001 })).toBeUndefined();
    expect(wait(1, { elapsedMs: 99_000 })).toBe(1_000);
  });

  test("are for answers that say: not now", () => {
    const statuses = [200, 304, 400, 401, 403, 404, 408, 409, 425, 429, 500, 501, 502, 503, 504, 505];
    expect(statuses.filter(isWorthRetrying)).toEqual([408, 425, 429, 500, 502, 503, 504]);
    expect(RETRIES.attempts).toBeGreaterThan(3);
  });
});

const answer = (status: number, headers: Record<string, string> = {}): HttpAnswer => ({
  status,
  headers,
  cookies: [],
  body: Buffer.alloc(0),
  durationMs: 1,
});
const gone = new Unavailable({ code: "http_unreachable", message: "gone" });

/** Another side that does these things one after the other. */
function side(...does: (HttpAnswer | Error)[]) {
  const asked: HttpRequest[] = [];
  return {
    asked,
    async request(request: HttpRequest) {
      asked.push(request);
      const next = does[asked.length - 1] ?? answer(200);
      if (next instanceof Error) throw next;
      return next;
    },
    close: async () => {},
  };
}

describe("a request that is made again", () => {
  const policy = { firstWaitMs: 1, longestWaitMs: 1 };
  const request = { url: "https://erp.example/x" };

  test("what may pass passes; each wait is told", async () => {
    const told: unknown[] = [];
    const other = side(answer(503), gone, answer(429, { "retry-after": "0" }), answer(200));
    const got = await sendWithRetries(other, request, {
      policy,
      onRetry: ({ attempt, reason }) => told.push([attempt, reason]),
    });
    expect(got.status).toBe(200);
    expect(told).toEqual([
      [1, "503"],
      [2, "http_unreachable"],
      [3, "429"],
    ]);
  });

  test("the last answer, or error, is what comes of it", async () => {
    expect(
      (await sendWithRetries(side(answer(500), answer(502)), request, { policy: { ...policy, attempts: 2 } })).status,
    ).toBe(502);
    const other = side(gone, gone, gone);
    await expect(sendWithRetries(other, request, { policy: { ...policy, attempts: 3 } })).rejects.toBe(gone);
    expect(other.asked).toHaveLength(3);
  });

  test.each([
    ["a refusal", answer(403), {}],
    ["what a person has to mend", new Misconfigured({ code: "http_certificate", message: "no" }), {}],
    ["what may have been done already", answer(503), { method: "POST" as const }],
    ["a wait that is too long", answer(503, { "retry-after": "3600" }), {}],
  ])("%s is not tried again", async (_what, does, more) => {
    const other = side(does);
    await sendWithRetries(other, { ...request, ...more }, { policy }).catch(() => {});
    expect(other.asked).toHaveLength(1);
  });

  test("a POST that only asks is", async () => {
    const asked = sendWithRetries(side(answer(503)), { ...request, method: "POST" }, { policy, isIdempotent: true });
    expect((await asked).status).toBe(200);
  });

  test("whoever stops need not wait to the end", async () => {
    const controller = new AbortController();
    const asked = sendWithRetries(
      side(answer(503)),
      { ...request, signal: controller.signal },
      {
        policy: { firstWaitMs: 60_000 },
        onRetry: () => controller.abort(new Error("stopped")),
      },
    );
    await expect(asked).rejects.toThrow("stopped");
  });
});

describe("the breaker", () => {
  function breaker() {
    let nowMs = 0;
    const opened = openBreaker({ failures: 3, pauseMs: 100, longestPauseMs: 300, now: () => nowMs });
    const take = () => {
      const leave = opened.take();
      return "waitMs" in leave ? leave.waitMs : leave;
    };
    const end = (outcome: "well" | "badly" | "untried") => {
      const leave = take();
      if (typeof leave === "number") throw new Error(`it is open for ${leave} ms`);
      leave.ended(outcome);
    };
    return { ...opened, take, end, pass: (ms: number) => (nowMs += ms) };
  }

  test("opens after failures in a row, and closes with the first success after its pause", () => {
    const { end, take, pass, state } = breaker();
    end("badly");
    end("badly");
    end("well");
    end("badly");
    end("badly");
    expect(state()).toBe("closed");
    end("badly");
    expect([state(), take()]).toEqual(["open", 100]);
    pass(60);
    expect(take()).toBe(40);
    pass(40);
    expect(state()).toBe("half-open");
    end("well");
    expect(state()).toBe("closed");
    end("badly");
    end("badly");
    expect(state()).toBe("closed");
  });

  test("lets one try at a time, and pauses for longer while that fails", () => {
    const { end, take, pass, state } = breaker();
    for (let i = 0; i < 3; i += 1) end("badly");
    const pauses: unknown[] = [];
    for (let i = 0; i < 4; i += 1) {
      pass(1_000);
      const trial = take();
      expect(typeof take()).toBe("number");
      if (typeof trial !== "number") trial.ended("badly");
      pauses.push(take());
    }
    expect(pauses).toEqual([200, 300, 300, 300]);
    pass(300);
    end("untried");
    expect(state()).toBe("half-open");
    end("well");
    expect(state()).toBe("closed");
  });

  test("what was under way when it opened does not lengthen the pause", () => {
    const { take, end } = breaker();
    const late = take();
    for (let i = 0; i < 3; i += 1) end("badly");
    if (typeof late !== "number") late.ended("badly");
    expect(take()).toBe(100);
  });
});

describe("a system that several work with", () => {
  test("gets so many requests at a time, in their order", async () => {
    const turns = openTurns(2);
    const [first, second] = [await turns.take(), await turns.take()];
    const came: string[] = [];
    const third = turns.take().then(() => came.push("third"));
    const controller = new AbortController();
    const left = turns.take(controller.signal);
    const fourth = turns.take().then(() => came.push("fourth"));
    controller.abort(new Error("left"));
    await expect(left).rejects.toThrow("left");
    expect(came).toEqual([]);
    first();
    first();
    await third;
    expect(came).toEqual(["third"]);
    second();
    await fourth;
    expect(came).toEqual(["third", "fourth"]);
    // Both are busy: one more waits as they did.
    void turns.take().then(() => came.push("fifth"));
    await Promise.resolve();
    expect(came).toEqual(["third", "fourth"]);
  });

  test("is left alone when it is down, and what it refuses does not count as down", async () => {
    const refusing = openSharedSystem(side(...Array<HttpAnswer>(20).fill(answer(404))), {
      name: "erp",
      concurrency: 2,
    });
    for (let i = 0; i < 20; i += 1) expect((await refusing.request({ url: "https://erp.example/" })).status).toBe(404);
    const other = side(...Array<Error>(20).fill(gone));
    const down = openSharedSystem(other, {
      name: "https://erp.example",
      concurrency: 2,
      breaker: openBreaker({ failures: 3 }),
    });
    for (let i = 0; i < 3; i += 1) await expect(down.request({ url: "https://erp.example/" })).rejects.toBe(gone);
    await expect(down.request({ url: "https://erp.example/" })).rejects.toMatchObject({
      code: "http_paused",
      message: expect.stringContaining("https://erp.example"),
      context: { waitMs: expect.any(Number) },
    });
    expect(other.asked).toHaveLength(3);
  });
});
