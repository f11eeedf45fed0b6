import { expect, test } from "vitest";
import { wordMessage } from "./word-message.ts";

const file = {
  client: "meadow",
  project: "spring",
  title: "Spring campaign",
  batchId: 7,
  table: "customers",
  fileName: "spring.csv",
  sizeBytes: 12_345,
  at: "2026-11-20T09:00:01.000Z",
};

test("a received file is confirmed in a few lines", () => {
  const { subject, text, html } = wordMessage({ ...file, event: "received" });
  expect(subject).toBe("RECEIVED: Spring campaign, spring.csv");
  expect(text).toBe(`Spring campaign, spring.csv: RECEIVED
The file came on 20 November 2026 at 09:00 UTC: 12.3 KB. Work on it begins
when its turn comes.

-- 
Client meadow, project spring, table customers, batch 7.
This message was sent automatically by Inlet.
`);
  expect(html).toContain("12.3 KB");
});

test("a start is told, also of a file without a table", () => {
  const { subject, text } = wordMessage({ ...file, event: "started", table: null });
  expect(subject).toBe("STARTED: Spring campaign, spring.csv");
  expect(text).toContain("Work on the file began on 20 November 2026 at 09:00 UTC.");
  expect(text).toContain("project spring, batch 7.");
});
