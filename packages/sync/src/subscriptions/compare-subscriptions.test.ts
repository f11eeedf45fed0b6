import { subscriptionSchema } from "@inlet/contracts";
import { expect, test } from "vitest";
import { compareSubscriptions } from "./compare-subscriptions.ts";

const definition = (overrides: object = {}) => subscriptionSchema.parse({ name: "shop", use: "rest", ...overrides });
const wanted = (overrides: object = {}, table = "items") => ({ table, definition: definition(overrides) });
const known = (overrides: object = {}, table = "items") => ({
  ...{ id: 1, catalogId: 9, table, name: definition(overrides).name, misconfigured: null },
  definition: definition(overrides),
});
const nothing = { begin: [], redefine: [], end: [] };

test.each([
  ["nothing is", [], [], nothing],
  ["nothing has changed", [wanted()], [known()], nothing],
  ["it is new", [wanted()], [], { ...nothing, begin: [wanted()] }],
  ["it is gone", [], [known()], { ...nothing, end: [1] }],
  [
    "it has another name: another origin",
    [wanted({ name: "store" })],
    [known()],
    { ...nothing, begin: [wanted({ name: "store" })], end: [1] },
  ],
  [
    "it speaks to another kind of system",
    [wanted({ use: "stripe" })],
    [known()],
    { ...nothing, begin: [wanted({ use: "stripe" })], end: [1] },
  ],
  [
    "it is of another catalog",
    [wanted({}, "stock")],
    [known()],
    { ...nothing, begin: [wanted({}, "stock")], end: [1] },
  ],
  [
    "it has other settings",
    [wanted({ settings: { url: "b" } })],
    [known({ settings: { url: "a" } })],
    { ...nothing, redefine: [{ id: 1, definition: definition({ settings: { url: "b" } }), hasOtherFields: false }] },
  ],
  [
    "it is told other fields",
    [wanted({ fields: { a: "b" } })],
    [known()],
    { ...nothing, redefine: [{ id: 1, definition: definition({ fields: { a: "b" } }), hasOtherFields: true }] },
  ],
  [
    "our changes go there from now on",
    [wanted()],
    [known({ outward: false, inward: { by: "webhook" } })],
    { ...nothing, redefine: [{ id: 1, definition: definition(), hasOtherFields: true }] },
  ],
])("%s", (_what, profile, registered, expected) => {
  expect(compareSubscriptions(profile, registered)).toEqual(expected);
});
