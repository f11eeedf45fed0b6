import { readFile } from "node:fs/promises";
import { profileSchema, pullSchema } from "@inlet/contracts";
import { openRemoteHttp } from "@inlet/remote-http";
import { openRemoteNetwork } from "@inlet/remote-network";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { openItemReader } from "./json/item-reader.ts";
import { openExample } from "./testing/example-connector.ts";
import { listen } from "./testing/listening.ts";

const guide = await readFile(new URL("../../../docs/connectors.md", import.meta.url), "utf8");
const blocks = (language: string) =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(([, text = ""]) => text);
const plain = (text: string) => text.replaceAll(/\s+/g, " ").trim();

test("every profile of the guide is one that is taken", () => {
  const profiles = blocks("yaml");
  expect(profiles.length).toBeGreaterThanOrEqual(6);
  for (const text of profiles) expect(() => profileSchema.parse(parse(text))).not.toThrow();
});

test("the guide shows the example as it is", async () => {
  const example = await readFile(new URL("./testing/example-connector.ts", import.meta.url), "utf8");
  expect(plain(blocks("ts")[0] ?? "")).toBe(plain(example));
});

test("the guide's connector checks access, counts, reads all pages and says what items look like", async () => {
  const items = Array.from({ length: 25 }, (_, index) => ({ id: index + 1, name: `Part ${index + 1}` }));
  const server = await listen({
    gzip: false,
    askedBy: () => "page",
    answer: ({ headers, query }) => {
      if (headers["x-api-key"] !== "example-key") return { status: 401 };
      const data = items.filter(({ id }) => id > Number(query.after)).slice(0, Math.min(10, Number(query.limit)));
      return { status: 200, body: JSON.stringify({ total: items.length, data }) };
    },
  });
  const http = openRemoteHttp({ network: openRemoteNetwork({ allowed: ["127.0.0.1"], own: [] }) });
  try {
    const settings = { url: server.origin, secret: "key", timeoutSeconds: 5 };
    const system = openExample(settings, { http, secret: async () => "example-key", retries: { firstWaitMs: 1 } });
    const pull = pullSchema.parse({ table: "parts", resource: "parts", pageSize: 20 });
    const request = { pull, since: null, from: null, signal: AbortSignal.timeout(5_000) };
    await system.checkAccess([pull], request.signal);
    expect(await system.count(request)).toBe(25);
    server.faults.add({ kind: "truncated" }, { after: 1 });
    const reader = openItemReader({ cells: [["id"], ["name"]] });
    const sizes: number[] = [];
    for await (const { content } of system.pages(request, (body, places) => reader.read(body, places)))
      sizes.push(content.itemCount);
    expect(sizes).toEqual([10, 10, 5, 0]);
    expect((await system.shape(pull, request.signal)).map(({ path }) => path)).toEqual(["id", "name"]);
    const stranger = openExample(settings, { http, secret: async () => "another" });
    await expect(stranger.checkAccess([pull], request.signal)).rejects.toMatchObject({ code: "system_access_denied" });
  } finally {
    await http.close();
    await server.close();
  }
});
