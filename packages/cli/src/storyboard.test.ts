import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTestStack } from "@inlet/stack";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inletOf, lastObject, type Outcome } from "./testing/inlet.ts";

let stack: Awaited<ReturnType<typeof openTestStack>>;
let folder: string;
let inlet: ReturnType<typeof inletOf>;

const PROFILE = `
client: spring
project: video
folders: { uploads: /video/Uploads, downloads: /video/Downloads }
links: {}
tables:
  - name: contacts
    columns: [{ name: id, type: integer }, { name: first_name }]
`;
/** A red pixel, as PNG. */
const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC",
  "base64",
);
const CAKE = new URL("../../storyboard/ready/birthday/assets/birthday-cake.webp", import.meta.url);

beforeAll(async () => {
  stack = await openTestStack({ services: ["api", "renderer"] });
  inlet = inletOf(stack.stateFolder);
  folder = await mkdtemp(join(tmpdir(), "inlet-cli-"));
  await writeFile(join(folder, "profile.yaml"), PROFILE);
  expect((await inlet.runHere(["apply", "-f", join(folder, "profile.yaml"), "--live", "a test"])).exitCode).toBe(0);
});
afterAll(async () => {
  await stack?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

const run = (...args: string[]): Promise<Outcome> => inlet.runHere([...args, "-p", "spring/video"]);

/** A storyboard in a folder of its own. */
async function givenFile(name: string, text: string): Promise<string> {
  await mkdir(join(folder, name), { recursive: true });
  const file = join(folder, name, "storyboard.yaml");
  await writeFile(file, text);
  return file;
}

const STORYBOARD = `
title: Hello
scenes:
  - name: greeting
    durationMs: 4000
    background: { asset: cake.webp }
    layers:
      - { kind: text, text: "Hello, {{first_name|you}}", box: { x: 100, y: 260, width: 1080, height: 200 } }
`;

test("a storyboard is put with the files that it names, published, compared and taken back", async () => {
  const file = await givenFile("good", STORYBOARD);
  // As the preview finds it.
  await mkdir(join(folder, "good/assets"));
  await writeFile(join(folder, "good/assets/cake.webp"), PIXEL);
  await writeFile(join(folder, "good/not-named.webp"), PIXEL);
  const put = await inlet.run(["storyboard", "put", file, "-p", "spring/video"]);
  expect(put.stderr).toBe("");
  expect(put.exitCode).toBe(0);
  const lines = put.stdout.trimEnd().split("\n");
  expect(lines[0]).toMatch(/^ready {4}cake\.webp: image \d+ × \d+, .+ \(of .+ uploaded\)$/);
  expect(lines[1]).toBe("spring/video  draft saved as revision 1");
  expect(lines.at(-1)).toMatch(/; `inlet storyboard publish` publishes it\.$/);

  const published = await run("storyboard", "publish", "--note", "The first one");
  expect(published.stdout).toContain("Version 1 is published; new links show it.");
  const shown = await run("storyboard", "show");
  expect(shown.stdout).toMatch(/^live {5}version 1, “Hello”, published .+ UTC by /);
  expect(shown.stdout).toContain("the same as the live version");

  await writeFile(file, STORYBOARD.replace("4000", "5000"));
  const again = await run("storyboard", "put", file);
  // The file is there already.
  expect(again.stdout).toMatch(/^spring\/video {2}draft saved as revision 2, in place of .+ UTC\n/);
  const diff = await run("storyboard", "diff");
  expect(diff.stdout).toMatch(/^~ .*5/);
  expect((await run("storyboard", "publish", "--no-live")).stdout).toContain("`inlet storyboard live 2` makes it live");
  expect((await run("storyboard", "live", "2")).stdout).toBe("New links show version 2 in place of version 1.\n");
  expect((await run("storyboard", "versions")).stdout).toMatch(/VERSION.*\n +2 {2}live .*\n +1 .*The first one/);
  expect((await run("storyboard", "take-off")).stdout).toContain("new links show the simple page");

  const copy = join(folder, "copy.json");
  const saved = await run("storyboard", "get", "-o", copy, "--assets", "--version", "1");
  expect(saved.stdout).toBe(`Saved ${copy} and 1 file beside it\n`);
  expect(JSON.parse(await readFile(copy, "utf8"))).toMatchObject({ title: "Hello", scenes: [{ durationMs: 4_000 }] });
  const cake = await readFile(join(folder, "cake.webp"));
  expect(cake.subarray(8, 12).toString()).toBe("WEBP");
  // What the hub made is not made once more, and what lies there is not written over.
  expect((await run("assets", "put", join(folder, "cake.webp"))).stdout).toContain("it is there already");
  await writeFile(join(folder, "cake.webp"), PIXEL);
  const kept = await run("storyboard", "get", "-o", copy, "--assets", "--version", "1");
  expect(kept.stdout).toBe(`Saved ${copy}\nLeft as they were: cake.webp\n`);
  expect(await readFile(join(folder, "cake.webp"))).toEqual(PIXEL);
});

test("mistakes are told with their lines, and what cannot be shown with the reason", async () => {
  const choosing = await givenFile("choosing", STORYBOARD.replace("cake.webp", '{ name: "{{first_name}}" }'));
  await mkdir(join(folder, "choosing/drafts"));
  await writeFile(join(folder, "choosing/.hidden"), "x");
  expect(lastObject(await run("storyboard", "put", choosing, "--json"))).toMatchObject({ uploaded: [] });

  const wrong = STORYBOARD.replace("first_name|you", "first_nmae").replace("cake.webp", "broken.webp");
  const file = await givenFile("bad", wrong);
  await writeFile(join(folder, "bad/broken.webp"), "no picture at all");
  const put = await run("storyboard", "put", file);
  expect(put.exitCode).toBe(1);
  expect(put.stdout).toMatch(/^refused {2}broken\.webp: /);
  expect(put.stdout).toMatch(
    /error {4}\S+storyboard\.yaml:6:19 scenes\[0\]\.background\.asset\n {9}broken\.webp cannot be shown/,
  );
  expect(put.stdout).toMatch(/error {4}\S+storyboard\.yaml:8:23 scenes\[0\]\.layers\[0\]\.text\n {9}.*first_name/);
  expect(put.stdout).toMatch(/2 errors.*; mend it before it is published\.\n$/);
  const published = await run("storyboard", "publish");
  expect(published.exitCode).toBe(2);
  expect(published.stderr).toContain("scenes[0].layers[0].text: ");
  const json = await run("storyboard", "put", file, "--no-assets", "--json");
  expect(lastObject(json)).toMatchObject({ publishable: false, uploaded: [], problems: [{ line: 6 }, { line: 8 }] });
  expect((await run("storyboard", "put", file, "--no-assets", "--revision", "1")).exitCode).toBe(7);
});

test("assets are put, listed and removed", async () => {
  await writeFile(join(folder, "gift.webp"), PIXEL);
  const put = await run("assets", "put", join(folder, "gift.webp"));
  expect([put.exitCode, put.stdout]).toEqual([0, expect.stringMatching(/^ready {4}gift\.webp: image /)]);
  expect((await run("assets", "put", join(folder, "gift.webp"))).stdout).toBe(
    "same     gift.webp: it is there already\n",
  );
  const listed = await run("assets", "list");
  expect(listed.stdout).toMatch(/NAME +STATE +SHOWN BY +WHAT IT IS\n/);
  expect(listed.stdout).toMatch(/\nbroken\.webp +refused +draft +\S/);
  expect(listed.stdout).toMatch(/\ngift\.webp +ready +image /);
  expect((await run("assets", "remove", "gift.webp")).stdout).toMatch(/^Removed gift\.webp\./);
  expect((await run("assets", "remove", "gift.webp")).exitCode).toBe(5);
});

test("a ready storyboard is written with its files, and never over what is there", async () => {
  const into = join(folder, "birthday");
  const args = ["storyboard", "ready", "birthday", "--into", into];
  const written = await inlet.runHere(args);
  expect(written.stdout).toMatch(
    /^Made .+storyboard\.json and \d+ files beside it\.\nIt reads the columns first_name, /,
  );
  expect(JSON.parse(await readFile(join(into, "storyboard.json"), "utf8"))).toMatchObject({ title: "Happy birthday" });
  expect(await readFile(join(into, "birthday-cake.webp"))).toEqual(await readFile(CAKE));
  expect((await inlet.runHere(args)).stderr).toContain("is there already");
});
