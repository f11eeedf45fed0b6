import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ROOT } from "../../bootstrap/pinned.js";
import { type BuildPlace, buildForBrowsers } from "./browser-build.ts";

let folder: string;
let place: BuildPlace;
let builds: number;
const build = () =>
  buildForBrowsers(place, () => {
    builds += 1;
  });
const built = () => readFile(path.join(folder, "dist/index.html"), "utf8");

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "inlet browser build "));
  builds = 0;
  await mkdir(path.join(folder, "src"));
  await writeFile(path.join(folder, "src/page.html"), "one");
  await writeFile(
    path.join(folder, "build.ts"),
    `import { cpSync, existsSync, mkdirSync } from "node:fs";
     const out = process.argv[2];
     mkdirSync(out);
     if (existsSync("src/wrong")) { console.error("line 3 is wrong"); process.exit(1); }
     cpSync("src/page.html", out + "/index.html");
     if (existsSync("src/killed")) process.kill(process.pid, "SIGKILL");`,
  );
  place = { what: "the page", folder, sources: [path.relative(ROOT, path.join(folder, "src"))] };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("it is built when its sources changed, and not again", async () => {
  expect(await build()).toBe(true);
  expect(await built()).toBe("one");
  expect(await build()).toBe(false);
  await writeFile(path.join(folder, "src/page.test.ts"), "a test changes nothing");
  expect(await build()).toBe(false);
  await writeFile(path.join(folder, "src/page.html"), "two");
  expect(await build()).toBe(true);
  expect([await built(), builds]).toEqual(["two", 2]);
});

test("two starts at once build it once", async () => {
  expect((await Promise.all([build(), build(), build()])).filter(Boolean)).toHaveLength(1);
  expect(builds).toBe(1);
});

test("a build that fails or is killed leaves what was built as it was, and no traces once it is built again", async () => {
  await build();
  for (const fault of ["wrong", "killed"]) {
    await writeFile(path.join(folder, "src", fault), "");
    await expect(build()).rejects.toThrow(fault === "wrong" ? "line 3 is wrong" : "the page could not be built");
    expect(await built()).toBe("one");
    await rm(path.join(folder, "src", fault));
  }
  await writeFile(path.join(folder, "src/page.html"), "two");
  await build();
  expect((await readdir(folder)).sort()).toEqual(["build.ts", "dist", "src"]);
});

test("where what was built was taken away, it is built", async () => {
  await build();
  await rm(path.join(folder, "dist"), { recursive: true });
  expect(await build()).toBe(true);
  expect(existsSync(path.join(folder, "dist/index.html"))).toBe(true);
});
