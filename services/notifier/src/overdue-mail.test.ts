import type { OverdueMessage } from "@inlet/contracts";
import { expect, test } from "vitest";
import { wordMessage } from "./word-message.ts";

const overdue: OverdueMessage = {
  event: "run_overdue",
  client: "iris",
  project: "retail",
  title: "Iris retail",
  runId: 40,
  run: "2026-11-20 09:00 Europe/Berlin",
  dueAt: "2026-11-20T08:00:00.000Z",
  deadlineAt: "2026-11-20T09:00:00.000Z",
  timezone: "Europe/Berlin",
  startedAt: "2026-11-20T08:00:01.000Z",
  batches: [
    {
      batchId: 42,
      table: "storestock",
      fileName: "storestock-2026-11-20.tsv",
      status: "received",
      reason: null,
      records: null,
      valid: null,
      rejected: null,
      imported: null,
      links: null,
      issueTotals: {},
    },
  ],
  missing: ["store"],
  skipped: [],
  at: "2026-11-20T09:00:02.000Z",
};
const plain = (text: string) => text.replace(/\s+/g, " ");

test("the alert says which run, since when, what it waits for and what to do", () => {
  const { subject, text, html } = wordMessage(overdue, "https://inlet.example.com");
  expect(subject).toBe("OVERDUE: Iris retail, 2026-11-20 09:00 Europe/Berlin");
  expect(plain(text)).toContain("has not ended by its deadline, 20 November 2026 at 09:00 UTC");
  expect(plain(text)).toContain("So far no file has come of store, and 1 file is not done yet.");
  expect(text).toContain("store: MISSING");
  expect(plain(text)).toContain("storestock: IN PROGRESS (storestock-2026-11-20.tsv)");
  expect(text).toContain("https://inlet.example.com/runs/40");
  expect(plain(text)).toContain("Send store.");
  expect(html).toContain("OVERDUE");
  expect(wordMessage(overdue).text).not.toContain("console");
});

test("a run that never started is the operator's matter, and times that were skipped are listed", () => {
  const facts = { startedAt: null, batches: [], missing: [], skipped: ["2026-11-18T08:00:00.000Z"] };
  const { text } = wordMessage({ ...overdue, ...facts });
  expect(plain(text)).toContain("It has not started.");
  expect(plain(text)).toContain("looks whether the watcher is running");
  expect(text).toContain("18 November 2026 at 08:00 UTC");
});

test("a stranger's text stands in the alert as it is, and as nothing else", () => {
  const { html, subject } = wordMessage({ ...overdue, title: "<b>x</b>\r\nBcc: y@example.com", missing: ["<i>"] });
  expect(html).not.toContain("<b>x");
  expect(html).not.toContain("<i>");
  expect(subject).not.toMatch(/[\r\n]/);
});
