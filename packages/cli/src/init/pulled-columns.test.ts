import { type FieldShapeView, type ProfileInput, profileSchema } from "@inlet/contracts";
import { expect, test } from "vitest";
import { proposeColumns } from "./pulled-columns.ts";

const PROFILE: ProfileInput = {
  client: "iris",
  project: "shop",
  source: {
    kind: "pull",
    system: { connector: "intact_iq", url: "https://erp.iris.example", secret: "erp_key" },
    pulls: [{ table: "items", resource: "Products" }],
  },
  tables: [{ name: "items", mode: "replace", columns: [{ name: "code", header: "ItemCode" }] }],
};

const field = (path: string, type: FieldShapeView["type"], ...samples: string[]): FieldShapeView => ({
  ...{ path, type, samples, isOptional: false },
});

test("each field that is not read yet becomes a column, and the profile is one that we take", () => {
  const { profile, added, leftOut, key } = proposeColumns(PROFILE, "items", [
    field("ItemCode", "text", "A1"),
    field("ID", "number", "9007199254740993"),
    field("Price", "number", "12", "12.50"),
    field("Huge", "number", "12345678901234567890"),
    field("Active", "boolean", "true"),
    field("UpdatedOn", "time", "2026-11-20T09:00:00Z"),
    field("BestBefore", "time", "2026-11-20"),
    field("Group.Name", "text", "Tea"),
    field("odd\\.name", "text", "x"),
    field("Group", "object"),
    field("Barcodes", "list"),
  ]);
  expect(profile.tables[0]!.columns).toEqual([
    { name: "code", header: "ItemCode" },
    { name: "id", header: "ID", type: "integer" },
    { name: "price", header: "Price", type: "decimal" },
    { name: "huge", header: "Huge", type: "decimal" },
    { name: "active", header: "Active", type: "boolean" },
    { name: "updated_on", header: "UpdatedOn", type: "timestamp" },
    { name: "best_before", header: "BestBefore", type: "date" },
    { name: "group_name" },
    { name: "odd_name" },
  ]);
  expect(profile.source).toMatchObject({
    pulls: [{ fields: { group_name: "Group.Name", odd_name: "odd\\.name" } }],
  });
  expect(added).toHaveLength(8);
  expect(leftOut).toEqual(["Group", "Barcodes"]);
  expect(key).toBe("id");
  expect(() => profileSchema.parse(profile)).not.toThrow();
});

test("what is read already stays as it is, also under another column's name", () => {
  const read = structuredClone(PROFILE);
  read.tables[0]!.columns.push({ name: "price" });
  (read.source as { pulls: { fields?: object }[] }).pulls[0]!.fields = { price: "Prices.Net" };
  const shape = [field("Prices.Net", "number", "1"), field("price", "text", "1 EUR")];
  const { profile, added } = proposeColumns(read, "items", shape);
  expect(added).toEqual(["price_2"]);
  expect(profile.tables[0]!.columns.at(-1)).toEqual({ name: "price_2", header: "price" });
});
