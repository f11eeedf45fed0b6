import { profileSchema } from "@inlet/contracts";
import { expect, test } from "vitest";
import { profileProblems } from "./profile-checks.ts";

test("rules and control totals that cannot work are named with their paths", () => {
  const profile = profileSchema.parse({
    client: "acme",
    project: "spring",
    folders: { uploads: "/Uploads" },
    tables: [
      {
        name: "sales",
        columns: [{ name: "shop" }, { name: "qty", type: "integer" }, { name: "day", type: "date" }],
        rules: [
          { rule: "sum", columns: ["qty"], equals: "shop" },
          { rule: "compare", left: "qty", operator: "<", right: "day" },
          { rule: "compare", left: "qty", operator: "<", right: "qty" },
        ],
        controls: [
          { total: { sum: "shop" }, from: { place: "name", pattern: "total=(\\d+)" } },
          { total: "records", from: { place: "name", pattern: "records=\\d+" } },
          { total: "records", from: { place: "flag", pattern: "(" } },
        ],
      },
    ],
  });
  expect(profileProblems(profile).map(({ path }) => path.join("."))).toEqual([
    "tables.0.rules.0.equals",
    "tables.0.rules.1.right",
    "tables.0.controls.0.total.sum",
    "tables.0.controls.1.from.pattern",
    "tables.0.controls.2.from.pattern",
  ]);
});
