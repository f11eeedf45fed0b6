import { expect, test } from "vitest";
import { PlayThrough } from "./play-through.ts";

function open() {
  const told: string[] = [];
  const playThrough = new PlayThrough((event) =>
    told.push(event.kind === "click" ? `click ${event.detail}` : event.kind),
  );
  return { told, playThrough };
}

test("nothing counts before a person begins", () => {
  const { told, playThrough } = open();
  playThrough.reach(900, 1_000);
  expect(told).toEqual([]);
  playThrough.begin();
  playThrough.reach(500, 1_000);
  expect(told).toEqual(["play", "quarter", "half"]);
});

test("each thing counts once, until the film begins anew", () => {
  const { told, playThrough } = open();
  playThrough.begin();
  playThrough.begin();
  for (const atMs of [250, 300, 100, 1_000, 1_000]) playThrough.reach(atMs, 1_000);
  for (const name of ["book", "book", "call"]) playThrough.click(name);
  expect(told).toEqual(["play", "quarter", "half", "three_quarters", "complete", "click book", "click call"]);
  playThrough.again();
  playThrough.begin();
  playThrough.click("book");
  expect(told.slice(7)).toEqual(["play", "click book"]);
});
