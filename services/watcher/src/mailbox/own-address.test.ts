import { expect, test } from "vitest";
import { ownAddress } from "./own-address.ts";

const FIELDS = [
  { name: "delivered-to", value: " Files@hub.example" },
  { name: "delivered-to", value: " x@client.example" },
  { name: "to", value: " Spring <spring@hub.example>" },
];

test.each([
  ["the user name, where it is an address", "In@hub.example", FIELDS, "in@hub.example"],
  ["what the last server delivered it to", "in", FIELDS, "files@hub.example"],
  ["what it is addressed to", "in", FIELDS.slice(2), "spring@hub.example"],
  ["none of two", "in", [{ name: "to", value: " a@hub.example, b@hub.example" }], undefined],
  ["nothing", "in", [], undefined],
])("the address of a mailbox: %s", (_what, username, fields, expected) => {
  expect(ownAddress({ username }, fields)).toBe(expected);
});
