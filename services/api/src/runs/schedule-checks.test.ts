import { type ProfileInput, profileSchema } from "@inlet/contracts";
import { expect, test } from "vitest";
import { scheduleProblems } from "./schedule-checks.ts";

const table = (name: string, more: Partial<ProfileInput["tables"][number]> = {}) => ({
  name,
  columns: [{ name: "id" }],
  ...more,
});
const parse = (run: Partial<ProfileInput["run"]>, tables = [table("store")]) =>
  profileSchema.safeParse({
    client: "iris",
    project: "retail",
    folders: { uploads: "/in" },
    run: { group: "schedule", at: "daily 09:00", timezone: "Europe/Berlin", ...run },
    tables,
  });
const problems = (...given: Parameters<typeof parse>) =>
  scheduleProblems(parse(...given).data!).map(({ path, message }) => `${path.join(".")}: ${message}`);

test("a sound schedule has no problems", () => {
  expect(problems({ expect: ["store"], missing: { waitMinutes: 60, action: "fail" }, deadlineMinutes: 90 })).toEqual(
    [],
  );
});

test("a schedule that never comes, or is none, is a problem", () => {
  expect(problems({ at: "0 9 31 2 *" })).toEqual(["run.at: 0 9 31 2 * never comes: there is no such day"]);
  expect(problems({ at: "0 25 * * *" })[0]).toMatch(/^run\.at: 0 25 \* \* \* is no schedule/);
});

test("a run cannot wait longer than until the next, nor be overdue while it waits", () => {
  expect(problems({ at: "0 * * * *", missing: { waitMinutes: 60 } })[0]).toMatch(
    /^run\.missing\.waitMinutes: .*60 minutes/,
  );
  expect(problems({ missing: { waitMinutes: 60 }, deadlineMinutes: 30 })[0]).toMatch(/^run\.deadlineMinutes: /);
});

test("a run that fails without tables names them, and one by date needs dates in the names", () => {
  expect(problems({ missing: { action: "fail" } })).toEqual([
    "run.expect: must name the tables without which the run fails",
  ]);
  expect(problems({ window: { by: "date" } }, [table("store"), table("sku", { files: ["sku.tsv"] })])[0]).toMatch(
    /^tables\.1\.files: sku has no \{date\}/,
  );
});

test.each(["daily 9", "weekly someday 09:00", "daily 24:00", "* * * *", "0 0 9 * * *", "hourly", "monthly 32 09:00"])(
  "%s is refused by the schema",
  (at) => expect(parse({ at }).success).toBe(false),
);

test("zones, expected tables and orders that are not there are refused, and so are circles", () => {
  const messages = (...given: Parameters<typeof parse>) => parse(...given).error?.issues.map(({ message }) => message);
  expect(messages({ timezone: "Mars/Olympus" })).toEqual(["an IANA time zone such as Europe/Berlin, or UTC"]);
  expect(messages({ expect: ["sku"] })).toEqual(["sku is no table of this profile"]);
  expect(messages({}, [table("store", { after: ["sku"] })])).toEqual(["sku is no table of this profile"]);
  const circle = [table("a", { after: ["b"] }), table("b", { after: ["c"] }), table("c", { after: ["a"] })];
  expect(messages({}, circle)).toEqual(["these tables go after one another in a circle: a → b → c → a"]);
  const own = { rules: [{ rule: "references" as const, columns: ["id"], table: "store", to: ["id"] }] };
  expect(parse({}, [table("store", own)]).success).toBe(true);
});
