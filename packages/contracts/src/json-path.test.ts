import { expect, test } from "vitest";
import { jsonPathNames, jsonPathOf } from "./json-path.ts";

test.each([
  ["price", ["price"]],
  ["data.items", ["data", "items"]],
  ["odata\\.nextLink", ["odata.nextLink"]],
  ["a\\\\.b", ["a\\", "b"]],
  ["C:\\x", ["C:\\x"]],
  ["größe.€", ["größe", "€"]],
  ["a..b", ["a", "", "b"]],
])("%s", (path, names) => {
  expect(jsonPathNames(path)).toEqual(names);
  expect(jsonPathNames(jsonPathOf(names))).toEqual(names);
});
