import { expect, test } from "vitest";
import { asked } from "./comparisons.ts";

test("another question keeps what was typed", () => {
  const typed = { field: "city", is: "equal", value: "Berlin" } as const;
  expect(asked(typed, "one_of")).toEqual({ field: "city", is: "one_of", values: ["Berlin"] });
  expect(asked(asked(typed, "one_of"), "containing")).toEqual({ field: "city", is: "containing", value: "Berlin" });
  expect(asked(typed, "filled")).toEqual({ field: "city", is: "filled" });
});
