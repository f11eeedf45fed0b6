import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestHub, type TestHub } from "../testing/hub.ts";
import { type Description, operationsOf } from "./description.ts";

let hub: TestHub;
let document: Description;
let operations: (ReturnType<typeof operationsOf>[number] & { name: string })[];

beforeAll(async () => {
  hub = await openTestHub();
  document = (await hub.app.inject("/docs/json")).json();
  operations = operationsOf(document).map((each) => ({ ...each, name: `${each.method} ${each.path}` }));
});
afterAll(() => hub?.close());

test("the description is OpenAPI 3.1", async () => {
  const result = await new Validator().validate(structuredClone(document) as Record<string, unknown>);
  expect(result.errors ?? []).toEqual([]);
  expect((document as { openapi?: string }).openapi).toBe("3.1.0");
});

test("it holds every route that there is", () => {
  const described = operations.map(({ name }) => name.toLowerCase());
  const there = hub.app.guardedRoutes
    .filter(({ url }) => url.startsWith("/v1/"))
    .map(({ method, url }) => `${method} ${url.replaceAll(/:(\w+)/g, "{$1}")}`.toLowerCase());
  expect(there.length).toBeGreaterThan(25);
  expect(described).toEqual(expect.arrayContaining(there));
});

test("every route says what it does, what it needs and what it may answer, under a name of its own", () => {
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  const tags = (document as { tags?: { name: string }[] }).tags?.map(({ name }) => name);
  const open = new Set(
    hub.app.guardedRoutes.filter(({ access }) => access === "public").map(({ method, url }) => `${method} ${url}`),
  );
  for (const { name, method, path, operation } of operations) {
    expect(operation.operationId, name).toMatch(/^[a-z][A-Za-z0-9]+$/);
    expect(operation.summary, name).toBeTruthy();
    expect(operation.tags, name).toHaveLength(1);
    expect(tags, name).toContain(operation.tags?.[0]);
    const isOpen = open.has(`${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`);
    expect(operation.security?.length === 0, name).toBe(isOpen);
    if (isOpen) continue;
    expect(operation.description, name).toMatch(/Needs `[a-z]+`\.$/);
    const statuses = Object.keys(operation.responses ?? {});
    expect(statuses, name).toEqual(expect.arrayContaining(["400", "401", "403", "429", "500", "503"]));
  }
});

test("every JSON body has an example, and each is what its schema says", () => {
  const ajv = formats.default(new Ajv2020({ strict: false, allErrors: true }));
  ajv.addSchema({ $id: "https://inlet.example/api", ...document });
  const judged = operations.flatMap(({ name, operation }) => {
    const answers = Object.entries(operation.responses ?? {});
    return [["request", operation.requestBody ?? {}] as const, ...answers].flatMap(([part, { content = {} }]) =>
      Object.entries(content).flatMap(([type, { schema, example }]) => {
        if (!type.includes("json")) return [];
        if (example === undefined) return [`${name}, ${part}: no example`];
        const absolute = JSON.stringify(schema).replaceAll('"#/components', '"https://inlet.example/api#/components');
        const isFit = ajv.compile(JSON.parse(absolute));
        return isFit(example) ? [] : [`${name}, ${part}: ${ajv.errorsText(isFit.errors)}`];
      }),
    );
  });
  expect(judged).toEqual([]);
});

test("errors are problem details, and the headers that many routes share are told", () => {
  for (const { name, method, operation } of operations) {
    for (const [status, answer] of Object.entries(operation.responses ?? {})) {
      if (!/^[45]/.test(status) || name === "get /readyz") continue;
      expect(Object.keys(answer.content ?? {}), `${name}, ${status}`).toEqual(["application/problem+json"]);
    }
    const parameters = (operation.parameters ?? []).map((each) => each.name.toLowerCase());
    const isFile = operation.requestBody !== undefined && !operation.requestBody.content?.["application/json"];
    const isIdempotent = !["get", "head"].includes(method) && !isFile && operation.security?.length !== 0;
    expect(parameters.includes("idempotency-key"), name).toBe(isIdempotent);
  }
  const { operation: upload } = operations.find(({ path }) => path.endsWith("/projects/{project}/files"))!;
  expect(Object.keys(upload.requestBody?.content ?? {})).toEqual(["application/octet-stream"]);
  const { operation: resumed } = operations.find(({ name }) => name === "patch /v1/drafts/{id}/content")!;
  expect(Object.keys(resumed.requestBody?.content ?? {})).toContain("application/octet-stream");
  const { operation: download } = operations.find(({ path }) => path.endsWith("/artifacts/{kind}"))!;
  expect(Object.keys(download.responses?.["200"]?.content ?? {})).toEqual(["application/octet-stream"]);
  const { operation: profile } = operations.find(
    ({ name }) => name === "put /v1/clients/{client}/projects/{project}/profile",
  )!;
  expect(profile.parameters?.map((each) => each.name.toLowerCase())).toEqual(expect.arrayContaining(["if-match"]));
  expect(Object.keys(document.components?.schemas ?? {})).not.toContain("BatchInput");
});

test("the page that shows it takes nothing from elsewhere", async () => {
  const page = await hub.app.inject("/docs");
  expect(page.statusCode).toBe(200);
  expect(page.body).not.toMatch(/https?:\/\//);
  expect(page.headers["content-security-policy"]).toMatch(/^default-src 'none'; script-src 'self';/);
});
