import { describe, expect, test } from "vitest";
import { isErrorFileName, matchErrorFile } from "./error-file-name.ts";
import { profileSchema } from "./profile.ts";

const columns = [{ name: "id" }];
const profile = profileSchema.parse({
  client: "acme",
  project: "spring",
  folders: { uploads: "/Uploads" },
  tables: [
    { name: "store", files: ["{table}-{date}.tsv"], columns },
    { name: "sales", files: ["sales*.{ext}"], columns },
  ],
});

describe("an error file that comes back", () => {
  test.each([
    ["sales.errors.csv", "sales"],
    ["SALES-1.ERRORS.CSV", "sales"],
    ["sales.errors (1).csv", "sales"],
    ["sales.errors - Kopie.mended.csv", "sales"],
    ["sales.errors.zip", "sales"],
    ["sales.errors.csv.zip", "sales"],
    ["sales.errors.csv.gpg", "sales"],
    ["sales.errors.zip.PGP", "sales"],
    ["sales.errors.asc", "sales"],
    ["store-2026-11-20.errors.tsv", "store"],
    ["store-2026-11-20.errors.csv", "store"],
  ])("%s belongs to %s", (name, table) => {
    expect(isErrorFileName(name)).toBe(true);
    expect(matchErrorFile(profile, name)?.table).toBe(table);
  });

  test("keeps the date of the file that it is about", () => {
    expect(matchErrorFile(profile, "store-2026-11-20.errors.tsv")?.date).toBe("2026-11-20");
  });

  test.each(["sales.csv", "errors.csv", ".errors.csv", "sales.errorsum.csv", "my errors.csv"])("%s is none", (name) => {
    expect(isErrorFileName(name)).toBe(false);
    expect(matchErrorFile(profile, name)).toBeUndefined();
  });
});
