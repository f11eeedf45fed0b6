import { keepsContract, openTestSystem, runSubscriber } from "@inlet/sync/testing";
import { expect, test } from "vitest";
import subscriber from "./example.ts";

/** A double of the system, as far as the subscriber uses it. Change it together with the subscriber. */
function openDouble() {
  const items = new Map<string, { at: number; item: unknown }>();
  let changes = 0;
  const system = openTestSystem(({ method, path, query, headers, json }) => {
    if (headers.authorization !== "Bearer a-key") return { status: 401, body: { message: "who are you?" } };
    const key = path.replace("/items/", "");
    changes += 1;
    if (method === "PUT") items.set(key, { at: changes, item: json });
    if (method === "DELETE" && !items.delete(key)) return { status: 404 };
    if (method !== "GET") return { status: 204 };
    const after = Number(query.get("after"));
    const found = [...items.values()].filter(({ at }) => at > after);
    const next = String(Math.max(after, ...found.map(({ at }) => at)));
    return { body: { items: found.map(({ item }) => item), next, more: false } };
  });
  return { items, system };
}

test("example gets each change once, whatever happens on the way, and tells its own", async () => {
  const { items, system: opening } = openDouble();
  await using system = await opening;
  await using run = await runSubscriber(subscriber, {
    columns: { sku: "string", name: "string", price: "decimal" },
    settings: { url: system.url },
    secrets: { apiKey: "a-key" },
  });
  const item = { sku: "a/1", name: "Chair", price: "12.50" };
  await keepsContract(run, { item, changed: { ...item, price: null }, count: () => items.size });

  await run.put(item);
  const told = { sku: "a/1", name: "Chair", price: 12.5 };
  expect(items.get("a/1")).toMatchObject({ item: told });
  expect((await run.pullAll()).items).toEqual([{ id: "a/1", fields: told }]);
});
