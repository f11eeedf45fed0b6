import { readFile } from "node:fs/promises";
import { storyboardSchema } from "@inlet/contracts";
import { expect, test } from "vitest";
import { storyboardProblems } from "./problems/storyboard-problems.ts";
import { filmOf } from "./resolve/film-of.ts";
import { rowOf } from "./row.ts";

test("the storyboard that docs/storyboards.md shows is sound, and says what the page says", async () => {
  const page = await readFile(new URL("../../../docs/storyboards.md", import.meta.url), "utf8");
  const storyboard = storyboardSchema.parse(JSON.parse(/```json\n([\s\S]*?)```/.exec(page)![1]!));
  expect(storyboardProblems(storyboard)).toEqual([]);
  const film = (values: Record<string, string>) => filmOf(storyboard, rowOf(values), { assets: {} });
  expect(film(storyboard.samples[0]!.values).scenes.map(({ name }) => name)).toEqual(["packed", "track"]);
  expect(film({ arrives_on: "2026-12-27" }).scenes.map(({ name }) => name)).toEqual(["packed", "sorry", "track"]);
  expect(film({}).scenes[0]!.layers).toMatchObject([{ text: "Hello, it’s packed!" }]);
});
