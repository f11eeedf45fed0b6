import { expect, test } from "vitest";
import { whyNoForm } from "./form-shape.ts";

const profile = { client: "a", project: "b", tables: [{ name: "t", columns: [{ name: "c", values: ["1"] }] }] };

test("a profile with mistakes in single settings is shown as a form", () => {
  expect(whyNoForm(profile)).toBeUndefined();
  expect(whyNoForm({ ...profile, title: 7, notify: { recipients: ["nobody"] }, colour: "blue" })).toBeUndefined();
});

test.each([
  null,
  "text",
  [],
  {},
  { ...profile, tables: [null] },
  { ...profile, tables: [{ columns: [] }] },
  { ...profile, tables: [{ name: "t", columns: ["c"] }] },
  { ...profile, tables: [{ name: "t", columns: [{ name: 7 }] }] },
  { ...profile, tables: [{ name: "t", columns: [{ name: "c", values: [1, 2] }] }] },
  { ...profile, tables: [{ name: "t", files: "a.csv", columns: [] }] },
  { ...profile, notify: [] },
  { ...profile, monitoring: { recipients: "all" } },
  { ...profile, source: { kind: "pull", pulls: {} } },
  { ...profile, tables: [{ name: "t", controls: [{ total: "records" }], columns: [] }] },
  { ...profile, notify: { on: "completed" } },
  { ...profile, links: { page: { fields: {} } } },
  { ...profile, run: { at: 9 } },
  { ...profile, run: { window: "arrival" } },
])("%j is not, and told why", (value) => {
  expect(whyNoForm(value)).toMatch(/\.$/);
});
