import { newAccountSchema, profileSchema } from "@inlet/contracts";
import { describe, expect, it, test } from "vitest";
import { triggerText } from "../profile-parts/trigger.ts";
import { accountOf, missingIn, newPlan, type Plan, profileOf, slugOf } from "./plan.ts";

const plan: Plan = {
  ...newPlan("spring", "Europe/Berlin"),
  project: "retail",
  title: "Retail",
  tables: [{ name: "store", files: ["store-{date}.tsv"], columns: [{ name: "store_id" }] }],
  recipients: ["data@spring.example"],
  login: { wanted: true, username: "spring", cidrs: ["203.0.113.0/24"], publicKeys: "" },
};

test.each([
  ["Spring & Co.", "spring_co"],
  ["Gärten Öst", "garten_ost"],
  ["  ---  ", ""],
  ["retail_2026", "retail_2026"],
  ["2026 __ retail", "retail"],
  ["a name that is longer than may be", "a_name_that_is_longer_th"],
  ["twenty-three letters_is cut", "twenty_three_letters_is"],
])("%s is called %s in folders, as the API takes it", (words, slug) => {
  expect(slugOf(words)).toBe(slug);
  if (slug !== "") expect(profileSchema.shape.client.safeParse(slug).success).toBe(true);
});

describe("the profile that a plan comes to", () => {
  it("is one that the API takes", () => {
    expect(profileSchema.parse(profileOf(plan))).toMatchObject({
      client: "spring",
      project: "retail",
      folders: { uploads: "/retail/Uploads", downloads: "/retail/Downloads" },
      run: { group: "file" },
      notify: { recipients: ["data@spring.example"] },
    });
  });

  it.each([
    ["day", "daily 09:00"],
    ["weekday", "weekdays 09:00"],
    ["week", "weekly monday 09:00"],
    ["month", "monthly 1 09:00"],
  ] as const)("has a schedule for every %s", (every, text) => {
    const schedule = { ...plan.schedule, every };
    expect(triggerText(schedule)).toBe(text);
    expect(profileSchema.parse(profileOf({ ...plan, schedule })).run).toMatchObject({
      group: "schedule",
      at: text,
      timezone: "Europe/Berlin",
      expect: ["store"],
    });
  });
});

describe("the login that a plan comes to", () => {
  it("has a password made for it", () => {
    expect(newAccountSchema.parse(accountOf(plan))).toMatchObject({
      username: "spring",
      generatePassword: true,
      cidrs: ["203.0.113.0/24"],
      projects: ["retail"],
    });
  });

  it("has none where it has keys", () => {
    const keys = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE a\n\n ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIF b ";
    expect(accountOf({ ...plan, login: { ...plan.login, publicKeys: keys } })).toMatchObject({
      generatePassword: false,
      publicKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE a", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIF b"],
    });
  });

  it("is not made where none is wanted", () => {
    expect(accountOf({ ...plan, login: { ...plan.login, wanted: false } })).toBeUndefined();
  });
});

test("what is missing is named in the order of the page", () => {
  expect(missingIn(plan)).toEqual([]);
  expect(missingIn({ ...newPlan("", "UTC"), recipients: ["nobody"] })).toEqual([
    "the client's name",
    "the project's name",
    "at least one table",
    "a right address instead of nobody",
    "the login's name",
  ]);
});
