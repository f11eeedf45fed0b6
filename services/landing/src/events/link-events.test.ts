import type { LinkEvent } from "@inlet/database";
import { expect, test } from "vitest";
import type { OpenedLink } from "../links/open-link.ts";
import { linkEvents } from "./link-events.ts";

test.each([
  [1, undefined],
  [1, "bytes=0-"],
  [1, "bytes=0-65535"],
  [0, "bytes=0-1"],
  [0, "bytes=65536-"],
  [0, "bytes=-500"],
])("%i times a film is fetched by a request for %s: the piece that begins it counts", (times, range) => {
  const noted: LinkEvent[] = [];
  const events = linkEvents({ note: (event) => noted.push(event), close: async () => {} });
  const link = { batch: { batchId: 1 }, recordNumber: 2 } as OpenedLink;
  events.fetched(link, "video", { method: "GET", headers: { range } });
  expect(noted).toHaveLength(times);
});
