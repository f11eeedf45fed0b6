import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DraftSaver, PAUSE_MS } from "./draft-saver.ts";

interface Answer {
  revision: number;
  document: string;
}

/** A hub that keeps one document. */
function hub() {
  const store = { revision: 1, document: "", saves: [] as string[], isDown: false, takesMs: 0 };
  const states: string[] = [];
  const saver = new DraftSaver<string, Answer>({
    revision: 1,
    save: async (document, revision) => {
      if (store.takesMs > 0) await new Promise((resolve) => setTimeout(resolve, store.takesMs));
      if (store.isDown) throw new Error("the hub does not answer");
      if (revision !== store.revision) throw new Error("revision");
      store.revision += 1;
      store.document = document;
      store.saves.push(document);
      return { revision: store.revision, document };
    },
    overtakenBy: async (error) =>
      (error as Error).message === "revision" ? { revision: store.revision, document: store.document } : undefined,
    onChange: ({ state }) => states.push(state),
    onSaved: () => {},
  });
  return { store, states, saver };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("what is edited is saved once, after a pause", async () => {
  const { store, states, saver } = hub();
  for (const text of ["a", "ab", "abc"]) {
    saver.changed(text);
    await vi.advanceTimersByTimeAsync(PAUSE_MS / 2);
  }
  expect(store.saves).toEqual([]);
  await vi.advanceTimersByTimeAsync(PAUSE_MS);
  expect(store.saves).toEqual(["abc"]);
  expect(states.at(-1)).toBe("saved");
  expect(saver.isSaved).toBe(true);
});

test("who never pauses is saved all the same", async () => {
  const { store, saver } = hub();
  for (let at = 0; at < 30; at += 1) {
    saver.changed(String(at));
    await vi.advanceTimersByTimeAsync(PAUSE_MS / 2);
  }
  expect(store.saves.length).toBeGreaterThanOrEqual(1);
});

test("what changes while a save is under way is saved after it, from its revision", async () => {
  const { store, saver } = hub();
  store.takesMs = 50;
  saver.changed("a");
  await vi.advanceTimersByTimeAsync(PAUSE_MS + 1);
  saver.changed("b");
  expect(saver.isSaved).toBe(false);
  const all = saver.flush();
  await vi.advanceTimersByTimeAsync(200);
  expect(await all).toBe(true);
  expect(store.saves).toEqual(["a", "b"]);
});

test("all who wait for a save hear what became of what is newest", async () => {
  const { store, saver } = hub();
  store.takesMs = 50;
  saver.changed("a");
  const first = saver.flush();
  await vi.advanceTimersByTimeAsync(1);
  saver.changed("b");
  const waiting = [first, saver.flush(), saver.flush()];
  await vi.advanceTimersByTimeAsync(200);
  expect(await Promise.all(waiting)).toEqual([false, true, true]);
  expect(store.saves).toEqual(["a", "b"]);
});

test("who has left saves no more: what failed then is kept elsewhere", async () => {
  const { store, saver } = hub();
  store.isDown = true;
  saver.changed("a");
  const leaving = saver.flush();
  saver.close();
  expect(await leaving).toBe(false);
  store.isDown = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(store.saves).toEqual([]);
});

test("a save that fails is tried again by itself, with what is newest", async () => {
  const { store, states, saver } = hub();
  store.isDown = true;
  saver.changed("a");
  expect(await saver.flush()).toBe(false);
  expect(states.at(-1)).toBe("failed");
  saver.changed("b");
  store.isDown = false;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(store.saves).toEqual(["b"]);
  expect(states.at(-1)).toBe("saved");
});

test("where somebody else has saved nothing is saved until it is said what is to be", async () => {
  const { store, states, saver } = hub();
  Object.assign(store, { revision: 7, document: "theirs" });
  saver.changed("mine");
  expect(await saver.flush()).toBe(false);
  expect(states.at(-1)).toBe("overtaken");
  saver.changed("mine, longer");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(store.document).toBe("theirs");
  saver.goOnFrom(7, "mine, longer");
  await vi.advanceTimersByTimeAsync(0);
  expect(store.document).toBe("mine, longer");
  expect(states.at(-1)).toBe("saved");
});
