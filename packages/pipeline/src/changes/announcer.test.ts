import { expect, test } from "vitest";
import { openAnnouncer } from "./announcer.ts";
import { decodeChanges } from "./changes.ts";

/** An announcer on a channel that can be away. */
function channel() {
  const said: ReturnType<typeof decodeChanges>[] = [];
  const link = { isAway: false };
  const announcer = openAnnouncer(async (message) => {
    if (link.isAway) throw new Error("away");
    said.push(decodeChanges(message));
  });
  const tell = async (...batches: number[]) => {
    announcer.add({ batches });
    announcer.flush();
    await new Promise(setImmediate);
  };
  return { said, link, announcer, tell };
}

test("changes go together, each once", async () => {
  const { said, announcer } = channel();
  announcer.add({ batches: [1, 2] });
  announcer.add({ batches: [2], runs: [7] });
  announcer.flush();
  announcer.flush();
  expect(said).toEqual([{ batches: [1, 2], runs: [7] }]);
});

test("that changes could not be told is told as soon as something can be, once", async () => {
  const { said, link, announcer, tell } = channel();
  announcer.resume();
  await tell(1);
  link.isAway = true;
  await tell(2);
  await tell(3);
  link.isAway = false;
  announcer.resume();
  announcer.resume();
  await tell(4);
  expect(said).toEqual([{ batches: [1], runs: [] }, "lost", { batches: [4], runs: [] }]);
});

test("what is on the channel and is none of ours is nothing", () => {
  for (const message of ["", "[]", "{}", "null", '{"b":[1]}']) expect(decodeChanges(message)).toBeUndefined();
  expect(decodeChanges('{"b":[1,-1,"2",1.5],"r":{}}')).toEqual({ batches: [1], runs: [] });
});
