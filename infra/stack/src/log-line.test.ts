import { expect, it } from "vitest";
import { renderLine } from "./log-line.ts";

const plain = { colour: false, nameWidth: 9 };
const time = new Date(2026, 10, 20, 12, 3, 4).toISOString();
const render = (record: object) => renderLine("validator", JSON.stringify({ time, level: 30, ...record }), plain);

it("a record shows its time, its process, its message and its fields", () => {
  expect(render({ pid: 1, hostname: "h", service: "validator", msg: "batch checked", batchId: 42, rows: 20 })).toBe(
    "12:03:04 validator  batch checked  batchId=42  rows=20",
  );
});

it("levels other than info are named", () => {
  expect(render({ level: 40, msg: "slow" })).toBe("12:03:04 validator  WARN slow");
  expect(render({ level: 60, msg: "broken" })).toBe("12:03:04 validator  FATAL broken");
});

it("texts with spaces are quoted, objects are JSON", () => {
  expect(render({ msg: "x", file: "a b.csv", counts: { rows: 1 } })).toBe(
    '12:03:04 validator  x  file="a b.csv"  counts={"rows":1}',
  );
});

it("an error is told below its line", () => {
  const err = { message: "no route", code: "ECONNREFUSED", stack: "Error: no route\n    at connect (net.js:1)" };
  expect(render({ level: 50, msg: "lost the database", err }).split("\n")).toEqual([
    "12:03:04 validator  ERROR lost the database",
    "                    ECONNREFUSED: no route",
    "                      at connect (net.js:1)",
  ]);
});

it.each(["Debugger listening", "{not json", '{"some":"object"}'])("any other line passes as it is: %s", (line) => {
  expect(renderLine("api", line, plain).endsWith(`api        ${line}`)).toBe(true);
});
