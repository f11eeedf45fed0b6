import { type ArtifactKind, type BatchStatus, type ProfileInput, profileSchema } from "@inlet/contracts";
import type { ClaimedStep } from "@inlet/database";
import { expect, test } from "vitest";
import { parcelsOf } from "./parcel.ts";

const profileOf = (delivery: NonNullable<ProfileInput["delivery"]>) =>
  profileSchema.parse({
    client: "acme",
    project: "spring",
    folders: { uploads: "/in", downloads: "/out" },
    tables: [{ name: "rows", files: ["*.csv"], columns: [{ name: "id" }] }],
    links: {},
    delivery,
  });
const stepOf = (names: Partial<Record<ArtifactKind, string>>, status: BatchStatus = "running") =>
  ({
    batchId: 7,
    epoch: 2,
    status,
    artifacts: Object.fromEntries(
      Object.entries(names).map(([kind, name]) => [
        kind,
        { name, blobKey: `acme/7/${kind}`, sizeBytes: 1, sha256: "00ff" },
      ]),
    ),
  }) as unknown as ClaimedStep;
const plain = { result: "PURL_a.csv", errors: "a.errors.csv" };
const both = { to: "downloads", errors: true, flag: true } as const;

test("the result comes first, and it alone has a flag", () => {
  const parcels = parcelsOf(stepOf(plain), profileOf(both));
  expect(parcels).toMatchObject([
    { artifact: "result", name: "PURL_a.csv", isFlagged: true, existing: "keep_both", epoch: 2 },
    { artifact: "errors", name: "a.errors.csv", isFlagged: false },
  ]);
  expect(parcels[0]!.sha256).toEqual(Buffer.from("00ff", "hex"));
});

test("what is wrapped goes, under its own name, where the profile wants it wrapped, and else what is not", () => {
  const names = { ...plain, wrapped_result: "PURL_a.csv.gpg", wrapped_errors: "a.errors.csv.gpg" };
  const nameOf = (delivery: NonNullable<ProfileInput["delivery"]>) =>
    parcelsOf(stepOf(names), profileOf(delivery)).map(({ name }) => name);
  expect(nameOf({ ...both, wrap: { as: "pgp" } })).toEqual(["PURL_a.csv.gpg", "a.errors.csv.gpg"]);
  expect(nameOf(both)).toEqual(["PURL_a.csv", "a.errors.csv"]);
});

test("what should have been wrapped and was not never goes as it is", () => {
  expect(() => parcelsOf(stepOf(plain), profileOf({ ...both, wrap: { as: "zip" } }))).toThrow(/wrapped_result/);
  const rejected = stepOf({ errors: "a.errors.csv" }, "rejected");
  expect(() => parcelsOf(rejected, profileOf({ ...both, wrap: { as: "zip" } }))).toThrow(/wrapped_errors/);
});

test("a flag that an older file may have had goes with it, whether or not there is to be a new one", () => {
  const [result] = parcelsOf(stepOf(plain), profileOf({ to: "downloads", existing: "replace" }));
  expect(result!.isFlagged).toBe(true);
});

test("a result and an error file of one name do not become one file", () => {
  const step = stepOf({ result: "A.errors.csv", errors: "a.errors.csv" });
  expect(parcelsOf(step, profileOf(both)).map(({ name }) => name)).toEqual(["A.errors.csv", "a.errors (errors).csv"]);
});

test.each(["../a.csv", ".a.csv", "a\0.csv"])("a name like %j is put nowhere", (name) => {
  expect(() => parcelsOf(stepOf({ ...plain, errors: name }), profileOf(both))).toThrow(/cannot be put/);
});
