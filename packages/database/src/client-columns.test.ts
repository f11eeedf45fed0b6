import { columnSchema } from "@inlet/contracts";
import { expect, test } from "vitest";
import { postgresType } from "./client-columns.ts";

const column = (name: string, type: string, more = {}) => columnSchema.parse({ name, type, ...more });

test.each([
  ["string", {}, "text"],
  ["integer", {}, "bigint"],
  ["decimal", {}, "numeric"],
  ["decimal", { precision: 10, scale: 2 }, "numeric(10,2)"],
  ["decimal", { precision: 10 }, "numeric(10,0)"],
  ["boolean", {}, "boolean"],
  ["date", {}, "date"],
  ["timestamp", {}, "timestamp with time zone"],
  ["enum", { values: ["a"] }, "text"],
] as const)("%s %o is kept as %s", (type, more, expected) => {
  expect(postgresType(column("x", type, more))).toBe(expected);
});
