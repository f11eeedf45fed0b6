import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ChangeListener } from "./live.ts";

/** What a browser has: a stream that a test opens, ends and speaks on. */
class Stream extends EventTarget {
  static readonly CLOSED = 2;
  static opened: Stream[] = [];
  readonly url: string;
  readyState = 0;
  constructor(url: string) {
    super();
    this.url = url;
    Stream.opened.push(this);
  }
  tell(event: string, data: unknown = {}) {
    this.dispatchEvent(new MessageEvent(event, { data: JSON.stringify(data) }));
  }
  /** The hub answered with no stream: the browser does not come back by itself. */
  refuse() {
    this.readyState = Stream.CLOSED;
    this.dispatchEvent(new Event("error"));
  }
  close() {
    this.readyState = Stream.CLOSED;
  }
}

let page: EventTarget & { visibilityState: string };
let sessionStatus: number;
let listen: (listener: ChangeListener) => () => void;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  vi.resetModules();
  Stream.opened = [];
  sessionStatus = 200;
  page = Object.assign(new EventTarget(), { visibilityState: "visible" });
  vi.stubGlobal("document", page);
  vi.stubGlobal("EventSource", Stream);
  const problem = { code: "session_over", detail: "You are not signed in any more.", requestId: "1" };
  vi.stubGlobal("fetch", async () => Response.json(problem, { status: sessionStatus }));
  ({ listenToChanges: listen } = await import("./live.ts"));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Somebody who listens, and how often it was told to ask anew. */
function listener() {
  const heard = { resets: 0, batches: [] as unknown[] };
  const stop = listen({
    onReset: () => {
      heard.resets += 1;
    },
    onBatches: (changes) => heard.batches.push(...changes),
  });
  return { heard, stop };
}

test("one stream serves all who listen, and whoever begins to listen asks for what came before it", () => {
  const [one, other] = [listener(), listener()];
  expect(Stream.opened.map(({ url }) => url)).toEqual(["/v1/events"]);
  Stream.opened[0]!.tell("ready");
  Stream.opened[0]!.tell("batches", [{ id: 42 }]);
  for (const { heard } of [one, other]) expect(heard).toEqual({ resets: 1, batches: [{ id: 42 }] });
  one.stop();
  expect(Stream.opened[0]!.readyState).toBe(0);
  other.stop();
  expect(Stream.opened[0]!.readyState).toBe(Stream.CLOSED);
});

test("after a stream that the hub has refused what is shown is asked for anew", async () => {
  const { heard, stop } = listener();
  Stream.opened[0]!.tell("ready");
  Stream.opened[0]!.refuse();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(Stream.opened).toHaveLength(2);
  expect(heard.resets).toBe(1);
  Stream.opened[1]!.tell("ready");
  expect(heard.resets).toBe(2);
  stop();
});

test("a page that nobody looks at has no stream, and asks anew when somebody does", () => {
  const { heard, stop } = listener();
  Stream.opened[0]!.tell("ready");
  const look = (visibilityState: string) => {
    page.visibilityState = visibilityState;
    page.dispatchEvent(new Event("visibilitychange"));
  };
  look("hidden");
  expect(Stream.opened[0]!.readyState).toBe(Stream.CLOSED);
  look("visible");
  Stream.opened[1]!.tell("ready");
  expect(heard.resets).toBe(2);
  stop();
});

test("a page whose session is over asks for what it shows, and so learns it", async () => {
  const { heard, stop } = listener();
  Stream.opened[0]!.tell("ready");
  sessionStatus = 401;
  Stream.opened[0]!.refuse();
  await vi.waitFor(() => expect(heard.resets).toBe(2), 30_000);
  stop();
});
