import { expect, test } from "vitest";
import { readArguments } from "./arguments.ts";

test.each([
  [[], true, { once: false, json: false, file: undefined }],
  [[], false, { once: true, json: false, file: undefined }],
  [["--once"], true, { once: true, json: false, file: undefined }],
  [["--json"], true, { once: true, json: true, file: undefined }],
  [["--", "--file", "a b.csv"], true, { once: false, json: false, file: "a b.csv" }],
  [["--help"], true, "help"],
])("%j on a terminal (%s)", (argv, isTerminal, expected) => {
  expect(readArguments(argv, { isTerminal })).toEqual(expected);
});

test.each([[["--wrong"]], [["--file"]], [["--file="]], [["x.csv"]]])("%j is refused", (argv) => {
  expect(() => readArguments(argv, { isTerminal: true })).toThrow(TypeError);
});
