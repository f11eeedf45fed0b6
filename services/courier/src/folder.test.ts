import type { Delivery } from "@inlet/contracts";
import { expect, test } from "vitest";
import { type Found, settleName } from "./folder.ts";
import type { Parcel } from "./parcel.ts";

/** Settles a name in a folder that holds what is given; a `quicker` one takes the first free name. */
async function settled(
  existing: Delivery["existing"],
  there: Record<string, Found>,
  { isOvertaken = false, quicker }: { isOvertaken?: boolean; quicker?: Found } = {},
) {
  const parcel = { name: "a.csv", batchId: 7, artifact: "result", existing } as Parcel;
  const folder = new Map(Object.entries(there));
  let rival = quicker;
  const how: string[] = [];
  const name = await settleName(
    parcel,
    { inTurn: async (_, __, put) => (isOvertaken ? "overtaken" : await put()) },
    async (name) => folder.get(name) ?? "nothing",
    async (name, move, inTurn) =>
      await inTurn(async () => {
        if (move === "take" && rival !== undefined) {
          folder.set(name, rival);
          rival = undefined;
          return false;
        }
        how.push(move);
        return true;
      }),
  );
  return [name, ...how];
}
const BESIDE = "a (batch 7).csv";

test.each<[Delivery["existing"], Record<string, Found>, string[]]>([
  ["keep_both", {}, ["a.csv", "take"]],
  ["keep_both", { "a.csv": "the same" }, ["a.csv"]],
  ["keep_both", { "a.csv": "another" }, [BESIDE, "take"]],
  ["keep_both", { "a.csv": "another", [BESIDE]: "another" }, [BESIDE, "replace"]],
  ["keep_both", { "a.csv": "no file" }, [BESIDE, "take"]],
  ["replace", {}, ["a.csv", "take"]],
  ["replace", { "a.csv": "the same" }, ["a.csv", "replace"]],
  ["replace", { "a.csv": "another" }, ["a.csv", "replace"]],
  ["refuse", {}, ["a.csv", "take"]],
  ["refuse", { "a.csv": "the same" }, ["a.csv"]],
])("%s where there is %o", async (existing, there, expected) => {
  expect(await settled(existing, there)).toEqual(expected);
});

test.each<[Delivery["existing"], Record<string, Found>]>([
  ["refuse", { "a.csv": "another" }],
  ["refuse", { "a.csv": "no file" }],
  ["replace", { "a.csv": "no file" }],
  ["keep_both", { "a.csv": "another", [BESIDE]: "no file" }],
])("%s gives up where there is %o, and says what to do", async (existing, there) => {
  await expect(settled(existing, there)).rejects.toMatchObject({
    code: "name_taken",
    retryable: false,
    message: expect.stringMatching(/taken away or renamed, and retry the batch/),
  });
});

test("what is older does not replace what a newer batch has put there", async () => {
  expect(await settled("replace", { "a.csv": "another" }, { isOvertaken: true })).toEqual([BESIDE, "take"]);
});

test("a name that somebody takes meanwhile is looked at again", async () => {
  expect(await settled("keep_both", {}, { quicker: "another" })).toEqual([BESIDE, "take"]);
  expect(await settled("replace", {}, { quicker: "another" })).toEqual(["a.csv", "replace"]);
  expect(await settled("keep_both", {}, { quicker: "the same" })).toEqual(["a.csv"]);
  await expect(settled("refuse", {}, { quicker: "another" })).rejects.toMatchObject({ code: "name_taken" });
});
