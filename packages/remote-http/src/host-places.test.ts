import { expect, test } from "vitest";
import { type HostPlace, openHostPlaces } from "./host-places.ts";

const taken = (place: HostPlace) => {
  if ("waitMs" in place) throw new Error(`no place for ${place.waitMs} ms`);
  return place;
};
const waitOf = (place: HostPlace) => ("waitMs" in place ? place.waitMs : 0);

test("each host has its own places", () => {
  const places = openHostPlaces(2);
  const first = taken(places.take("a"));
  taken(places.take("a"));
  expect(waitOf(places.take("a"))).toBeGreaterThan(0);
  taken(places.take("b"));
  first.release("well");
  taken(places.take("a"));
  expect(waitOf(places.take("a"))).toBeGreaterThan(0);
});

test("those who stand aside come back one after the other, as fast as the host answers", () => {
  let nowMs = 0;
  const places = openHostPlaces(2, () => nowMs);
  for (let round = 0; round < 40; round += 1) {
    const place = taken(places.take("slow"));
    nowMs += 4_000;
    place.release("well");
  }
  taken(places.take("slow"));
  taken(places.take("slow"));
  const waits = Array.from({ length: 40 }, () => Math.round(waitOf(places.take("slow")) / 100) / 10);
  expect(waits.slice(0, 4)).toEqual([2, 4, 6, 8]);
  expect(Math.max(...waits)).toBe(60);
});

test("a host that does not answer well is tried by one at a time, until it does", () => {
  const places = openHostPlaces(4);
  taken(places.take("a")).release("badly");
  const only = taken(places.take("a"));
  expect(waitOf(places.take("a"))).toBeGreaterThan(0);
  only.release("well");
  for (let place = 0; place < 4; place += 1) taken(places.take("a"));
  expect(waitOf(places.take("a"))).toBeGreaterThan(0);
});

test("a place that was not used says nothing of the host", () => {
  const places = openHostPlaces(4);
  taken(places.take("a")).release("badly");
  taken(places.take("a")).release("untried");
  taken(places.take("a"));
  expect(waitOf(places.take("a"))).toBeGreaterThan(0);
});
