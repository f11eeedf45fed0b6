import { expect, test } from "vitest";
import { CliFailure } from "./failure.ts";
import { readStoryboard } from "./storyboard-file.ts";

test("a storyboard is read from JSON and YAML, whatever it says, and its parts are found again", () => {
  const json = readStoryboard('{\n  "title": 7,\n  "scenes": [{ "name": "a" }]\n}', "a.json");
  expect(json.document).toEqual({ title: 7, scenes: [{ name: "a" }] });
  const at = (path: (string | number)[]) => json.place({ path, message: "x" });
  expect(at(["scenes", 0, "name"])).toEqual({
    file: "a.json",
    line: 3,
    column: 16,
    path: ["scenes", 0, "name"],
    message: "x",
  });
  // What is missing is told at what it is missing in.
  expect(at(["scenes", 0, "durationMs"])).toMatchObject({ line: 3, column: 14 });
  expect(readStoryboard("title: Hello\n", "a.yaml").document).toEqual({ title: "Hello" });
});

test("what is neither is refused with its place", () => {
  const refused = (text: string) => {
    try {
      return readStoryboard(text, "a.yaml");
    } catch (error) {
      return error as CliFailure;
    }
  };
  const torn = refused("title: [\nscenes: {\n") as CliFailure;
  expect(torn).toBeInstanceOf(CliFailure);
  expect(torn.message).toBe("a.yaml is neither JSON nor YAML; nothing was saved.");
  expect(torn.problems[0]).toMatchObject({ file: "a.yaml", line: expect.any(Number) });
  expect(refused("")).toMatchObject({ message: "a.yaml is empty; a storyboard is needed." });
});
