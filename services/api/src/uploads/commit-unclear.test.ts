import { InvalidInput } from "@inlet/contracts";
import { expect, test } from "vitest";
import { isCommitUnclear } from "./commit-unclear.ts";

test.each([
  ["a broken connection", Object.assign(new Error("write EPIPE"), { code: "EPIPE" }), true],
  ["a connection that was reset", Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }), true],
  ["pg's own words", new Error("Connection terminated unexpectedly"), true],
  ["what PostgreSQL refused", Object.assign(new Error("duplicate key"), { code: "23505" }), false],
  ["what it refused with letters", Object.assign(new Error("no such table"), { code: "42P01" }), false],
  ["what we refuse", new InvalidInput({ code: "request_invalid", message: "no" }), false],
])("after %s it is unclear whether a commit stands: %s", (_, error, expected) => {
  expect(isCommitUnclear(error)).toBe(expected);
});
