import { expect, test } from "vitest";
import { type ProfileInput, profileSchema } from "./profile.ts";
import { readStoredProfile } from "./stored-profile.ts";
import { tableSchema } from "./table.ts";
import { writtenProfile, writtenTable } from "./written-profile.ts";

const written: ProfileInput = {
  client: "spring",
  project: "retail",
  title: "Retail",
  folders: { uploads: "/retail/Uploads", downloads: "/retail/Downloads" },
  source: { kind: "gateway" },
  duplicates: { name: "accept" },
  run: { group: "schedule", at: "daily 09:00", window: { by: "date", daysBefore: 2 }, expect: ["store"] },
  incoming: { pgp: "require", zip: { password: "zip" } },
  links: { page: { title: "For {{store_id}}", colour: "#2f7d4f" } },
  delivery: { to: "downloads", errors: true, wrap: { as: "zip", password: "zip" } },
  notify: { recipients: ["data@spring.example"] },
  tables: [
    {
      name: "store",
      mode: "replace",
      invalid: { policy: "skip", maxPercent: 10 },
      records: { max: 5000 },
      columns: [
        { name: "store_id", required: true },
        { name: "day", type: "date", format: "dd.MM.yyyy" },
      ],
    },
    { name: "stock", after: ["store"], columns: [{ name: "store_id" }] },
  ],
};

test("a profile is written as a person would: without what it says anyway, in the schema's order", () => {
  const profile = profileSchema.parse(written);
  // PostgreSQL keeps a document's keys in an order of its own.
  const stored = readStoredProfile(Object.fromEntries(Object.entries(profile).sort().reverse()));
  const { source: _, ...concise } = written;
  expect(writtenProfile(stored)).toEqual(concise);
  expect(Object.keys(writtenProfile(stored))).toEqual(Object.keys(concise));
  expect(profileSchema.parse(writtenProfile(stored))).toEqual(profile);
});

test.each<Partial<ProfileInput>>([
  { links: {} },
  { delivery: { to: "downloads" } },
  { run: { group: "date" } },
  { notify: { recipients: [], on: [] } },
  { email: { senders: ["@spring.example"] }, incoming: { pgp: "require" } },
])("%j is kept, though it says nothing more", (part) => {
  const profile = profileSchema.parse({ ...written, ...part });
  expect(profileSchema.parse(writtenProfile(profile))).toEqual(profile);
});

test("what today's schema does not know is kept", () => {
  const profile = { ...profileSchema.parse(written), retired: { yes: true } };
  expect(writtenProfile(profile)).toMatchObject({ retired: { yes: true } });
});

test("a table is written so, too", () => {
  const table = { name: "a", files: ["a-{date}.csv"], columns: [{ name: "id", type: "integer" as const }] };
  expect(writtenTable(tableSchema.parse(table))).toEqual(table);
});
