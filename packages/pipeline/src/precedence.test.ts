import { expect, test } from "vitest";
import { openPrecedence } from "./precedence.ts";

const never = 60_000;

test("a giant alone goes on at once, and beside small files when the last of them is through", async () => {
  const { begin, giveWay } = openPrecedence(never);
  expect(giveWay()).toBeUndefined();
  const ends = [begin(), begin()];
  let wentOn = false;
  const waiting = giveWay()!.then(() => {
    wentOn = true;
  });
  ends[0]!();
  ends[0]!();
  await Promise.resolve();
  expect(wentOn).toBe(false);
  ends[1]!();
  await waiting;
  expect(giveWay()).toBeUndefined();
});

test("a giant comes on beside any number of small files", async () => {
  const { begin, giveWay } = openPrecedence(5);
  begin();
  for (let piece = 0; piece < 3; piece += 1) await giveWay();
});
