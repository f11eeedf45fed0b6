import { describe, expect, it } from "vitest";
import { monitoringOf } from "./monitoring.ts";
import { profileSchema } from "./profile.ts";

const buildProfile = (more: object, table: object = {}) => ({
  client: "iris",
  project: "shop",
  folders: { uploads: "/shop/Uploads" },
  tables: [{ name: "items", key: ["code"], mode: "replace", columns: [{ name: "code" }], ...table }],
  ...more,
});
const problemsOf = (profile: unknown) =>
  profileSchema.safeParse(profile).error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? [];
const recordsIn = (from: object, more: object = {}) => ({ controls: [{ total: "records", from, ...more }] });
const pulled = {
  folders: undefined,
  source: {
    kind: "pull",
    system: { connector: "intact_iq", url: "https://erp.iris.example", secret: "iris_key" },
    pulls: [{ table: "items", resource: "Products" }],
  },
};

it("what is pulled whole is not appended: each pull would double it", () => {
  expect(problemsOf(buildProfile(pulled, { mode: "append" }))).toEqual([
    expect.stringMatching(/^source\.pulls\.0\.table: table items appends what comes/),
  ]);
  const [pull] = pulled.source.pulls;
  const growing = { ...pulled.source, pulls: [{ ...pull, incremental: { by: "ID", kind: "key" } }] };
  expect(problemsOf(buildProfile({ ...pulled, source: growing }, { mode: "append" }))).toEqual([]);
});

describe("import monitoring", () => {
  it("is on for pulls and off for files, unless the profile says otherwise", () => {
    const of = (profile: object) => monitoringOf(profileSchema.parse(profile)).enabled;
    expect(of(buildProfile(pulled))).toBe(true);
    expect(of(buildProfile({ ...pulled, monitoring: { enabled: false } }))).toBe(false);
    expect(of(buildProfile({}))).toBe(false);
    const declared = recordsIn({ place: "name", pattern: "-(\\d+)\\." });
    expect(of(buildProfile({ monitoring: { recipients: ["it@example.com"] } }, declared))).toBe(true);
  });

  it("of files needs to be told how many records there are, each time", () => {
    const monitored = { monitoring: {} };
    const needs = [expect.stringMatching(/^tables\.0\.controls: monitoring compares/)];
    expect(problemsOf(buildProfile(monitored))).toEqual(needs);
    expect(problemsOf(buildProfile(monitored, recordsIn({ place: "flag" }, { required: false })))).toEqual(needs);
    expect(problemsOf(buildProfile(monitored, recordsIn({ place: "flag" })))).toEqual([]);
    expect(problemsOf(buildProfile(monitored, recordsIn({ place: "declared", name: "records" })))).toEqual([]);
  });

  it("takes all records or none", () => {
    const all = [expect.stringMatching(/^tables\.0\.invalid: a monitored import takes all/)];
    expect(problemsOf(buildProfile(pulled, { invalid: { policy: "skip" } }))).toEqual(all);
    const off = { ...pulled, monitoring: { enabled: false } };
    expect(problemsOf(buildProfile(off, { invalid: { policy: "skip" } }))).toEqual([]);
  });
});
