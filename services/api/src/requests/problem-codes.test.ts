import { glob, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { PROBLEM_CODES, type ProblemCode } from "@inlet/contracts";
import { expect, test } from "vitest";

const SOURCE = fileURLToPath(new URL("..", import.meta.url));

test("every refusal has the status that the catalogue says of its code", async () => {
  const odd: string[] = [];
  let refusals = 0;
  for await (const file of glob("**/*.ts", { cwd: SOURCE })) {
    if (file.endsWith(".test.ts")) continue;
    const text = await readFile(`${SOURCE}/${file}`, "utf8");
    for (const [, status = "404", code] of text.matchAll(/(?:new Refusal\(\s*(\d+),|notFound\()\s*"([a-z_]+)"/g)) {
      refusals += 1;
      const told = PROBLEM_CODES[code as ProblemCode]?.[0];
      if (told !== Number(status)) odd.push(`${file}: ${code} is answered with ${status}, and told as ${told}`);
    }
  }
  expect(odd).toEqual([]);
  expect(refusals).toBeGreaterThan(50);
});
