import { type ProfileInput, profileSchema } from "@inlet/contracts";
import { NEXT_RUN } from "@inlet/database";
import { expect, test } from "vitest";
import { INCOMPLETE, judgeHolds } from "./holds.ts";

const table = (name: string, after: string[] = []) => ({ name, columns: [{ name: "id" }], after });
const profileOf = (run: object, more: Partial<ProfileInput> = {}) =>
  profileSchema.parse({
    ...{ client: "iris", project: "retail", folders: { uploads: "/in" } },
    run: { group: "schedule", at: "daily 09:00", expect: ["store", "sales"], ...run },
    tables: [table("store"), table("stock", ["store"]), table("shelf", ["stock"]), table("sales")],
    ...more,
  } as ProfileInput);
const FAILS = { missing: { action: "fail" } };

type Batch = Parameters<typeof judgeHolds>[2][number];
const batch = (batchId: number, tableName: string | null, more: Partial<Batch> = {}): Batch => ({
  ...{ batchId, tableName, fileName: `${tableName}.tsv`, status: "received", reasonCode: null, held: true },
  ...more,
});
const begun = { held: false, status: "running" } as const;
const givenUp = { held: false, status: "failed", reasonCode: INCOMPLETE } as const;
const until = new Date("2026-11-20T09:30:00Z");
const run = { key: "2026-11-20 09:00 UTC", gatherUntil: until, isGathering: false };
const judge = (profile: ReturnType<typeof profileOf>, batches: Batch[], of: Partial<typeof run> = {}) => {
  const { release, fail, revive, waits } = judgeHolds(profile, { ...run, ...of }, batches);
  return { release, fail: fail.map(({ batchId }) => batchId), revive, waits: [...waits.keys()] };
};

test("before the trigger everything waits for it, what has no table as well", () => {
  expect(judge(profileOf({}), [batch(1, "store"), batch(2, null)], { key: NEXT_RUN })).toMatchObject({ waits: [1, 2] });
});

test("a file waits for tables before its own, through one that is not there, and for an older file of no table", () => {
  const profile = profileOf({ expect: [] });
  const batches = [batch(1, "shelf"), batch(2, "store", begun), batch(3, "sales")];
  expect(judge(profile, batches)).toMatchObject({ release: [3], waits: [1] });
  expect(judge(profile, [batch(1, null, begun), batch(2, "stock")])).toMatchObject({ waits: [2] });
  expect(judge(profile, [batch(1, "stock"), batch(2, null, begun)])).toMatchObject({ release: [1] });
});

test("a run that fails without its tables opens what has no table, and gives nothing up until that has ended", () => {
  const profile = profileOf(FAILS);
  const files = [batch(1, "sales"), batch(2, null)];
  expect(judge(profile, files, { isGathering: true })).toMatchObject({ release: [2], waits: [1], fail: [] });
  expect(judge(profile, files)).toMatchObject({ release: [2], waits: [1], fail: [] });
  const opened = batch(2, null, { held: false, status: "unpacked" });
  expect(judge(profile, [batch(1, "sales"), opened])).toMatchObject({ fail: [1] });
  expect(judge(profile, [batch(1, "sales"), opened, batch(3, "store")])).toMatchObject({ release: [1, 3] });
});

test("what was given up for want of others is held again when they are there: of one name the newest, where names count", () => {
  const again = { ...givenUp, fileName: "SALES.tsv" };
  const batches = [batch(1, "sales", givenUp), batch(2, "sales", again), batch(3, "stock", givenUp), batch(4, "store")];
  expect(judge(profileOf(FAILS), batches).revive).toEqual([2, 3]);
  expect(judge(profileOf(FAILS, { duplicates: { name: "accept" } }), batches).revive).toEqual([1, 2, 3]);
  const imported = batch(2, "sales", { held: false, status: "completed" });
  expect(judge(profileOf(FAILS), [batches[0]!, imported, batch(4, "store")]).revive).toEqual([]);
  expect(judge(profileOf({}), batches).revive).toEqual([]);
});

test("thousands of files of one run are judged in milliseconds", () => {
  const files = Array.from({ length: 20_000 }, (_, at) => batch(at + 1, at % 2 === 0 ? "shelf" : "store"));
  const startedMs = performance.now();
  expect(judge(profileOf({ expect: [] }), files).waits).toHaveLength(10_000);
  expect(performance.now() - startedMs).toBeLessThan(5_000);
});
