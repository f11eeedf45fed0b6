import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findConnection, isUnprotected } from "./connection.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inlet-state-"));
  await writeFile(
    join(folder, "addresses.json"),
    JSON.stringify({ apiUrl: "http://127.0.0.1:8080", adminKeyFile: join(folder, "admin-key") }),
  );
  await writeFile(join(folder, "admin-key"), "inlet_local\n");
});
afterAll(() => rm(folder, { recursive: true }));

test("what is given goes before the environment, and that before the hub of the checkout", async () => {
  const env = { INLET_URL: "https://env.example.org", INLET_API_KEY: "inlet_env", INLET_STATE: folder };
  const given = { url: "https://given.example.org", key: "inlet_given" };
  expect(await findConnection(given, env)).toEqual(given);
  expect(await findConnection({}, env)).toEqual({ url: "https://env.example.org", key: "inlet_env" });
  expect(await findConnection({}, { INLET_STATE: folder })).toEqual({
    url: "http://127.0.0.1:8080",
    key: "inlet_local",
  });
  expect(await findConnection({ key: "inlet_other" }, { INLET_STATE: folder })).toMatchObject({ key: "inlet_other" });
});

test("the local admin key never goes to an address that was given", async () => {
  const env = { INLET_STATE: folder };
  await expect(findConnection({ url: "https://elsewhere.example.org" }, env)).rejects.toMatchObject({ exitCode: 4 });
});

test("what is missing or wrong is said with what to do", async () => {
  await expect(findConnection({}, { INLET_STATE: join(folder, "none") })).rejects.toThrow(/npm start.*INLET_URL/);
  await expect(findConnection({ url: "hub:8080", key: "x" }, {})).rejects.toMatchObject({ exitCode: 2 });
});

test.each([
  ["http://127.0.0.1:8080", false],
  ["http://localhost:8080", false],
  ["http://[::1]:8080", false],
  ["https://hub.example.org", false],
  ["http://hub.example.org", true],
  ["http://10.0.0.7:8080", true],
])("a key over %s is open to all: %s", (url, open) => {
  expect(isUnprotected(url)).toBe(open);
});
