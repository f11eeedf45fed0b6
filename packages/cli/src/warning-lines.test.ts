import { expect, test } from "vitest";
import { warningLines } from "./warning-lines.ts";

const WARNING =
  "No account of client spring sees project video, so its results are not delivered; `inlet account add` makes one.";

test("a warning fits the terminal and loses nothing; a pipe gets it in one line", () => {
  expect(warningLines(WARNING, 60)).toEqual([
    "inlet: No account of client spring sees project video, so",
    "       its results are not delivered; `inlet account add`",
    "       makes one.",
  ]);
  expect(warningLines(WARNING, Number.POSITIVE_INFINITY)).toEqual([`inlet: ${WARNING}`]);
});

test("what has a longer word than a line stays whole, and steers no terminal", () => {
  const path = `/${"long".repeat(30)}`;
  expect(warningLines(`See ${path} for more.`, 80)).toEqual([`inlet: See ${path} for more.`]);
  expect(warningLines("a\u001b[2Jb", 80)).toEqual(["inlet: a\ufffd[2Jb"]);
});
