import { expect, test } from "vitest";
import { type ProfileInput, profileSchema } from "./profile.ts";
import { readStoredProfile } from "./stored-profile.ts";

const server = { host: "erp.example.com", username: "inlet", secret: "erp", hostKey: `SHA256:${"A".repeat(43)}` };
const full: ProfileInput = {
  client: "spring",
  project: "video",
  source: { kind: "sftp", server, folder: "/out", after: { action: "move", folder: "done" } },
  delivery: { to: "sftp", server, folder: "/in" },
  links: { page: { fields: [{ column: "name", label: "Name" }] } },
  run: { group: "date", expect: ["orders"] },
  tables: [
    {
      name: "orders",
      columns: [{ name: "id" }, { name: "name" }],
      invalid: { policy: "skip", maxRows: 3 },
      rules: [
        { rule: "unique", columns: ["id"] },
        { rule: "sum", columns: ["id"], equals: "name" },
      ],
      controls: [{ total: { sum: "id" }, from: { place: "flag" } }],
    },
  ],
};
const small: ProfileInput = {
  client: "spring",
  project: "video",
  folders: { uploads: "/in" },
  tables: [{ name: "orders", columns: [{ name: "id" }] }],
};

test.each([
  ["with every setting that has settings of its own", full],
  ["that leaves everything to the defaults", small],
])("a profile %s reads as the schema reads it, stored before or after a default was there", (_, profile) => {
  expect(readStoredProfile(profile)).toEqual(profileSchema.parse(profile));
  const stored = profileSchema.parse(profile);
  expect(readStoredProfile(JSON.parse(JSON.stringify(stored)))).toEqual(stored);
});

test("what would be refused today is still read: unknown settings, new bounds, missing parts, unknown kinds", () => {
  const old = {
    ...profileSchema.parse(small),
    client: "A Name Like This",
    retired: true,
    folders: undefined,
    source: { kind: "ftp", server: {} },
    tables: [
      { name: "orders", columns: [{ name: "id", type: "money", colour: "red" }, { name: "id" }], mode: "merge" },
    ],
  };
  expect(profileSchema.safeParse(old).success).toBe(false);
  expect(readStoredProfile(JSON.parse(JSON.stringify(old)))).toMatchObject({
    client: "A Name Like This",
    retired: true,
    source: { kind: "ftp", server: {} },
    notify: { recipients: [], on: ["completed"] },
    tables: [
      {
        name: "orders",
        mode: "merge",
        files: ["{table}-{date}.{ext}"],
        columns: [
          { name: "id", type: "money", colour: "red", aliases: [] },
          { name: "id", type: "string" },
        ],
      },
    ],
  });
});
