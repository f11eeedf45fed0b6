import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { profileSchema, tableSchema } from "@inlet/contracts";
import { applyProfile, lockDraft, transaction } from "@inlet/database";
import { check, ErrorFile, memorySource } from "@inlet/delimited";
import { generatePgpKey, wrap } from "@inlet/envelope";
import { waitFor } from "@inlet/stack";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildProfile, openTestHub, type TestHub } from "../testing/hub.ts";
import { checkDraft } from "./check-draft.ts";
import type { CheckProgress } from "./check-parts.ts";
import { openDraftStore } from "./draft-store.ts";
import { type DraftClient, draftClient, givenTables, ORDERS } from "./drafts.test-kit.ts";

let hub: TestHub;
let iris: DraftClient;

beforeAll(async () => {
  hub = await openTestHub({ API_UPLOAD_BYTES: 100_000_000 });
  await givenTables(hub, { client: "spring", project: "shop" });
  iris = draftClient(hub, await hub.as("client", "spring"));
});
afterAll(() => hub?.close());

const WRONG = "id,E-Mail,amount\n1,iris@example.com,1.50\n2,not an address,2\nx,spring@example.com,3\n";

test("a wrong file is shown with its findings, mended, and submitted once", async () => {
  const draft = await iris.given("anything at all.csv", WRONG, { table: "orders" });
  expect(draft).toMatchObject({
    state: "checked",
    table: "orders",
    receivedBytes: WRONG.length,
    sha256: createHash("sha256").update(WRONG).digest("hex"),
    editable: true,
    check: {
      verdict: "fail",
      canSubmit: false,
      counts: { records: 3, valid: 1, rejected: 2 },
      isCurrent: true,
      missing: [],
      profileVersion: 1,
    },
  });
  expect(draft.check!.columns.map(({ label, column }) => [label, column])).toEqual([
    ["id", "id"],
    ["E-Mail", "email"],
    ["amount", "amount"],
  ]);
  expect(draft.check!.findings.byCode.map(({ code, count }) => [code, count])).toEqual([
    ["not_an_email", 1],
    ["not_an_integer", 1],
  ]);
  const { rows } = await iris.rows(draft.id, "only=findings");
  expect(rows.map(({ record, line, invalid, cells }) => [record, line, invalid, cells[0]])).toEqual([
    [2, 3, true, "2"],
    [3, 4, true, "x"],
  ]);
  expect(rows[0]!.findings[0]).toMatchObject({ column: "email", columnIndex: 1, value: "not an address" });

  const refused = await iris.ask("POST", `/v1/drafts/${draft.id}/submit`);
  expect([refused.statusCode, refused.json().code]).toEqual([409, "check_failed"]);

  const edits = [
    { record: 2, columnIndex: 1, value: "two@example.com" },
    { record: 3, columnIndex: 0, value: "3" },
  ];
  const mended = await iris.ask("POST", `/v1/drafts/${draft.id}/edits`, { edits });
  expect(mended.json()).toMatchObject({ changed: 2, draft: { state: "checking", check: { isCurrent: false } } });
  const after = await iris.checked(draft.id);
  expect(after.check).toMatchObject({ verdict: "pass", canSubmit: true, counts: { rejected: 0 }, contentVersion: 2 });
  expect(after.editCount).toBe(2);
  const content = await iris.ask("GET", `/v1/drafts/${draft.id}/content`);
  const expected = WRONG.replace("not an address", "two@example.com").replace("x,spring", "3,spring");
  expect(content.body).toBe(expected);
  expect((await iris.rows(draft.id, "from=2&count=2")).rows.map(({ edited }) => edited)).toEqual([[1], [0]]);

  const both = await Promise.all([1, 2].map(() => iris.ask("POST", `/v1/drafts/${draft.id}/submit`)));
  expect(both.map(({ statusCode }) => statusCode)).toEqual([202, 202]);
  const [one, other] = both.map((answer) => answer.json());
  expect(one.arrivalId).toBe(other.arrivalId);
  const arrivals = await hub.sql<{ location: string }>`
    SELECT table_name, location, sha256, size_bytes, file_name, history FROM arrivals WHERE file_name = 'anything at all.csv'`;
  expect(arrivals).toHaveLength(1);
  expect(arrivals[0]).toMatchObject({
    table_name: "orders",
    size_bytes: expected.length,
    sha256: createHash("sha256").update(expected).digest(),
    history: [{ event: "mended", actor: "client of the test", detail: { cells: 2 } }],
  });
  expect(await readFile(join(hub.dataFolder, arrivals[0]!.location), "utf8")).toBe(expected);
  expect(await readdir(join(hub.dataFolder, "uploads"))).toHaveLength(1);
  expect(await iris.get(draft.id)).toMatchObject({ state: "submitted", submitted: { arrivalId: one.arrivalId } });
});

test("columns that a person chose are checked so, remembered as aliases, and carried to the batch", async () => {
  await givenTables(hub, { client: "spring", project: "mapped" });
  const own = draftClient(hub, await hub.as("client", "spring"), "/v1/clients/spring/projects/mapped");
  const draft = await own.given("o.csv", "Number,Contact\n1,iris@example.com\n", { table: "orders" });
  expect(draft.check).toMatchObject({ verdict: "fail", missing: ["id", "email"] });
  expect(draft.check!.targets.map(({ column, needed }) => [column, needed])).toEqual([
    ["id", true],
    ["email", true],
    ["amount", false],
  ]);
  const put = (columns: object[], remember: boolean) =>
    own.ask("PUT", `/v1/drafts/${draft.id}/mapping`, { columns, remember });
  const wrong = await put([{ index: 7, column: "id" }], false);
  expect([wrong.statusCode, wrong.json().code]).toEqual([400, "mapping_invalid"]);
  const twice = [0, 1].map((index) => ({ index, column: "id" }));
  expect((await put(twice, false)).statusCode).toBe(400);

  const columns = [
    { index: 0, column: "id" },
    { index: 1, column: "email" },
  ];
  expect((await put(columns, true)).json()).toMatchObject({ state: "checking", mapping: columns, remember: true });
  const chosen = await own.checked(draft.id);
  expect(chosen.check).toMatchObject({ verdict: "pass", canSubmit: true, missing: [] });
  expect(chosen.check!.columns.map(({ matchedBy }) => matchedBy)).toEqual(["chosen", "chosen"]);
  const submitted = await own.ask("POST", `/v1/drafts/${draft.id}/submit`);
  expect(submitted.json()).toMatchObject({ profileVersion: 2 });
  const [profile] = await hub.sql<{
    document: { tables: { columns: { name: string; aliases: string[] }[] }[] };
    by: string;
  }>`
    SELECT document, created_by AS by FROM profiles f JOIN projects p ON p.id = f.project_id
    WHERE p.slug = 'mapped' AND f.version = 2`;
  expect(profile!.by).toBe("client of the test");
  expect(profile!.document.tables[0]!.columns.map(({ name, aliases }) => [name, aliases])).toEqual([
    ["id", ["Number"]],
    ["email", ["Contact"]],
    ["amount", []],
  ]);
  const [arrival] = await hub.sql<{ mapping: { columns: object[] } }>`
    SELECT mapping FROM arrivals WHERE id = ${submitted.json().arrivalId}`;
  expect(arrival!.mapping.columns).toEqual([
    { index: 0, label: "Number", column: "id" },
    { index: 1, label: "Contact", column: "email" },
  ]);
  const again = await own.given("o2.csv", "Number,Contact\n2,iris@example.com\n", { table: "orders" });
  expect(again.check!.columns.map(({ matchedBy }) => matchedBy)).toEqual(["alias", "alias"]);

  const ambiguous = await own.given("o3.csv", "id,Amount\n2,iris@example.com\n", { table: "orders" });
  const refused = await own.ask("PUT", `/v1/drafts/${ambiguous.id}/mapping`, {
    columns: [{ index: 1, column: "email" }],
    remember: true,
  });
  expect([refused.statusCode, refused.json().code]).toEqual([409, "label_ambiguous"]);
});

test("a suggested fix is applied to all findings of a kind, and taken back", async () => {
  await givenTables(hub, {
    client: "spring",
    project: "fixes",
    tables: [
      {
        name: "days",
        columns: [
          { name: "id", type: "integer" },
          { name: "day", type: "date" },
        ],
      },
    ],
  });
  const own = draftClient(hub, await hub.as("client", "spring"), "/v1/clients/spring/projects/fixes");
  const days = `id,day\r\n${[1, 2, 3].map((n) => `${n},0${n}.11.2026`).join("\r\n")}\r\n4,never\r\n`;
  const draft = await own.given("d.csv", days, { table: "days" });
  const [kind] = draft.check!.findings.byCode;
  expect(kind).toMatchObject({ code: "not_a_date", count: 4, fixable: 3, fix: "2026-11-01" });
  const none = await own.ask("POST", `/v1/drafts/${draft.id}/fixes`, { code: "not_an_email" });
  expect([none.statusCode, none.json().code]).toEqual([409, "fixes_none"]);
  const fixed = await own.ask("POST", `/v1/drafts/${draft.id}/fixes`, { code: "not_a_date", column: "day" });
  expect(fixed.json()).toMatchObject({ changed: 3, draft: { state: "checking" } });
  const after = await own.checked(draft.id);
  expect(after).toMatchObject({ editCount: 3, check: { counts: { valid: 3, rejected: 1 } } });
  const content = (await own.ask("GET", `/v1/drafts/${draft.id}/content`)).body;
  expect(content).toBe("id,day\r\n1,2026-11-01\r\n2,2026-11-02\r\n3,2026-11-03\r\n4,never\r\n");
  const edits = (await own.ask("GET", `/v1/drafts/${draft.id}/edits?limit=2`)).json();
  expect(edits).toMatchObject({ total: 3, edits: [{ record: 3, before: "03.11.2026", value: "2026-11-03" }, {}] });
  const undone = await own.ask("DELETE", `/v1/drafts/${draft.id}/edits?record=2&columnIndex=1`);
  expect(undone.json()).toMatchObject({ changed: 1 });
  await own.checked(draft.id);
  const rest = await own.ask("DELETE", `/v1/drafts/${draft.id}/edits`);
  expect(rest.json()).toMatchObject({ changed: 2 });
  expect((await own.checked(draft.id)).check!.counts).toMatchObject({ valid: 0, rejected: 4 });
  expect((await own.ask("GET", `/v1/drafts/${draft.id}/content`)).body).toBe(days);
});

test("the project's policy says whether a file with invalid rows may be submitted", async () => {
  const columns = [
    { name: "id", type: "integer" as const },
    { name: "order_no", type: "string" as const },
  ];
  await givenTables(hub, {
    client: "spring",
    project: "policies",
    tables: [
      { name: "skipped", columns, invalid: { policy: "skip", maxPercent: 50 } },
      { name: "grouped", columns, invalid: { policy: "group", by: "order_no" } },
    ],
  });
  const own = draftClient(hub, await hub.as("client", "spring"), "/v1/clients/spring/projects/policies");
  const text = "id,order_no\n1,A\nx,A\n3,B\n";
  const skipped = await own.given("s.csv", text, { table: "skipped" });
  expect(skipped.check).toMatchObject({
    canSubmit: true,
    counts: { valid: 2, rejected: 1 },
    policy: { policy: "skip", outcome: "2 rows will be imported, and 1 left out." },
  });
  const grouped = await own.given("g.csv", text, { table: "grouped" });
  expect(grouped.check).toMatchObject({ canSubmit: true, counts: { valid: 1, rejected: 2 } });
  const tooMany = await own.given("t.csv", "id,order_no\nx,A\ny,A\n3,B\n", { table: "skipped" });
  expect(tooMany.check).toMatchObject({ canSubmit: false, reason: { code: "too_many_rows_invalid" } });
  expect((await own.ask("POST", `/v1/drafts/${skipped.id}/submit`)).statusCode).toBe(202);
});

test("a draft whose profile has moved on is checked again before it is submitted", async () => {
  await givenTables(hub, { client: "spring", project: "moving" });
  const own = draftClient(hub, await hub.as("client", "spring"), "/v1/clients/spring/projects/moving");
  const { id } = await own.given("o.csv", "id,E-Mail,amount\n1,iris@example.com,2\n", { table: "orders" });
  await givenTables(hub, {
    client: "spring",
    project: "moving",
    tables: [{ name: "orders", columns: [{ name: "id", type: "date" }] }],
  });
  const first = await own.ask("POST", `/v1/drafts/${id}/submit`);
  expect([first.statusCode, first.json().code]).toEqual([409, "profile_changed"]);
  expect((await own.checked(id)).check).toMatchObject({ verdict: "fail", profileVersion: 2 });
  expect((await own.ask("POST", `/v1/drafts/${id}/submit`)).json().code).toBe("check_failed");
});

test("hostile names and cells come back as data, and formulas are escaped in the error file alone", async () => {
  const cells = ["<img src=x onerror=alert(1)>", "=HYPERLINK(1)", "@SUM(1)", "\u202Eevil\u0007", "{{constructor}}"];
  const text = `id,E-Mail,"<b>bold</b>",=cmd\n${cells.map((cell) => `1x,${cell},${cell},${cell}`).join("\n")}\n`;
  const fileName = "<script>alert(1)</script> ☃ %00.csv".replace("/", "");
  const draft = await iris.given(fileName, text, { table: "orders" });
  expect(draft.fileName).toBe(fileName);
  expect(draft.check!.columns.map(({ label }) => label)).toEqual(["id", "E-Mail", "<b>bold</b>", "=cmd"]);
  const answer = await iris.ask("GET", `/v1/drafts/${draft.id}/rows`);
  expect(answer.headers["content-type"]).toContain("application/json");
  expect(answer.headers["x-content-type-options"]).toBe("nosniff");
  expect(answer.json().rows.map((row: { cells: string[] }) => row.cells[1])).toEqual(cells);
  const errors = await iris.ask("GET", `/v1/drafts/${draft.id}/errors`);
  expect(errors.headers["content-disposition"]).toMatch(/^attachment; filename="[^"<>]*<?.*\.errors\.csv"/);
  expect(errors.body).toContain("'=HYPERLINK(1)");
  expect(errors.body).not.toMatch(/(^|,)[=@]/m);
  const nul = [{ record: 1, columnIndex: 1, value: "a\0b" }];
  expect((await iris.ask("POST", `/v1/drafts/${draft.id}/edits`, { edits: nul })).statusCode).toBe(400);
  const nowhere = [{ record: 99, columnIndex: 1, value: "a" }];
  const refused = await iris.ask("POST", `/v1/drafts/${draft.id}/edits`, { edits: nowhere });
  expect(refused.json()).toMatchObject({ code: "edit_invalid", errors: [{ path: ["edits", 0] }] });
});

test("a wide file is shown in parts, and one of 10,000 columns is refused in words", async () => {
  const labels = (width: number) => Array.from({ length: width }, (_, n) => ["id", "E-Mail"][n] ?? `c${n}`);
  const wide = `${labels(1_500).join(",")}\n${labels(1_500)
    .map((_, n) => String(n))
    .join(",")}\n`;
  await givenTables(hub, {
    client: "spring",
    project: "wide",
    tables: [{ ...ORDERS, limits: { columns: 1_598 } }],
  });
  const own = draftClient(hub, await hub.as("client", "spring"), "/v1/clients/spring/projects/wide");
  const draft = await own.given("w.csv", wide, { table: "orders" });
  expect(draft.check!.columns).toHaveLength(1_500);
  const page = await own.rows(draft.id, "fromColumn=1490&columnCount=500");
  expect(page).toMatchObject({ columnCount: 1_500, recordCount: 1 });
  expect(page.rows[0]!.cells).toEqual(Array.from({ length: 10 }, (_, n) => String(1_490 + n)));
  expect(page.rows[0]!.cellCount).toBe(1_500);
  expect((await own.ask("GET", `/v1/drafts/${draft.id}/rows?columnCount=501`)).statusCode).toBe(400);

  const widest = await own.given("w.csv", `${labels(10_000).join(",")}\n1\n`, { table: "orders" });
  expect(widest.check).toMatchObject({ verdict: "fail", reason: { code: "header_broken" }, dialect: null });
  expect((await own.rows(widest.id)).rows).toEqual([]);
  expect((await own.ask("GET", `/v1/drafts/${widest.id}/findings`)).json().findings[0].message).toContain("1598");
});

test("a ZIP is opened and shown, and mended only outside; one that cannot be opened says why", async () => {
  const content = Buffer.from(WRONG);
  const options = {
    name: "inner.csv",
    sizeBytes: content.length,
    modifiedAt: new Date(),
    as: { as: "zip" as const, encryption: "aes256" as const },
  };
  const zipped: Uint8Array[] = [];
  for await (const chunk of wrap(Readable.from([content]), options)) zipped.push(chunk);
  const draft = await iris.given("sent.zip", Buffer.concat(zipped), { table: "orders" });
  expect(draft).toMatchObject({ state: "checked", editable: false, check: { counts: { records: 3 } } });
  const edits = [{ record: 2, columnIndex: 1, value: "two@example.com" }];
  const refused = await iris.ask("POST", `/v1/drafts/${draft.id}/edits`, { edits });
  expect(refused.json()).toMatchObject({ code: "draft_not_editable" });
  expect((await iris.rows(draft.id)).rows).toHaveLength(3);

  const keys = await generatePgpKey({ userId: { name: "spring", email: "spring@example.com" }, expiresInDays: 30 });
  const as = { as: "pgp" as const, recipients: [keys.publicKey], signWith: undefined, armor: true };
  const sealed: Uint8Array[] = [];
  for await (const chunk of wrap(Readable.from([content]), { ...options, as })) sealed.push(chunk);
  const pgp = await iris.given("sent.csv.asc", Buffer.concat(sealed), { table: "orders" });
  expect(pgp).toMatchObject({ state: "unreadable", reason: { code: "pgp_key_missing" }, check: null });
  expect((await iris.ask("GET", `/v1/drafts/${pgp.id}/rows`)).json().code).toBe("draft_unreadable");
  const admin = await hub.as("admin");
  const imported = await hub.app.inject({
    method: "POST",
    url: "/v1/clients/spring/projects/shop/keys/import",
    headers: admin,
    payload: { key: keys.privateKey, owner: "ours" },
  });
  expect(imported.statusCode, imported.body).toBeLessThan(300);
  expect((await iris.ask("POST", `/v1/drafts/${pgp.id}/check`)).statusCode).toBe(202);
  expect(await iris.checked(pgp.id)).toMatchObject({
    state: "checked",
    editable: false,
    check: { counts: { records: 3 } },
  });
});

test("a submission that PostgreSQL refuses leaves the draft as it was, and no file behind", async () => {
  const draft = await iris.given("refused.csv", "id,E-Mail,amount\n1,iris@example.com,2\n", { table: "orders" });
  const uploads = () => readdir(join(hub.dataFolder, "uploads"));
  const before = await uploads();
  await hub.sql`ALTER TABLE arrivals ADD CONSTRAINT test_refuses CHECK (path <> 'refused.csv')`;
  expect((await iris.ask("POST", `/v1/drafts/${draft.id}/submit`)).statusCode).toBe(500);
  expect(await uploads()).toEqual(before);
  expect(await iris.get(draft.id)).toMatchObject({ state: "checked", submitted: null });
  await hub.sql`ALTER TABLE arrivals DROP CONSTRAINT test_refuses`;
  expect((await iris.ask("POST", `/v1/drafts/${draft.id}/submit`)).statusCode).toBe(202);
  expect(await uploads()).toHaveLength(before.length + 1);
});

test("an edit that puts back what is shown undoes one that was not checked yet", async () => {
  const { id } = await iris.given("back.csv", WRONG, { table: "orders" });
  const edit = (value: string) =>
    iris.ask("POST", `/v1/drafts/${id}/edits`, { edits: [{ record: 1, columnIndex: 1, value }] });
  expect((await edit("iris@example.com")).json()).toMatchObject({ changed: 0, draft: { state: "checked" } });
  // As if the check of it had not begun yet.
  await hub.sql`INSERT INTO draft_edits (draft_id, record, column_index, before, value, by)
    VALUES (${id}, 1, 1, 'iris@example.com', 'a slip', 'test')`;
  await hub.sql`UPDATE drafts SET state = 'checking', version = version + 1, not_before = now() + interval '1 hour'
    WHERE id = ${id}`;
  expect((await edit("iris@example.com")).json()).toMatchObject({ changed: 1, draft: { state: "checking" } });
  await iris.checked(id);
  expect((await iris.ask("GET", `/v1/drafts/${id}/content`)).body).toBe(WRONG);
});

test("while replacements wait to be applied, nobody's edit goes under them", async () => {
  const { id } = await iris.given("waits.csv", WRONG, { table: "orders" });
  await hub.sql`UPDATE drafts SET state = 'checking', version = version + 1, not_before = now() + interval '1 hour',
    pending_fix = '{"code": "not_an_email", "column": null, "by": "test"}' WHERE id = ${id}`;
  const edits = [{ record: 2, columnIndex: 1, value: "two@example.com" }];
  for (const refused of [
    await iris.ask("POST", `/v1/drafts/${id}/edits`, { edits }),
    await iris.ask("DELETE", `/v1/drafts/${id}/edits`),
  ]) {
    expect([refused.statusCode, refused.json().code]).toEqual([409, "draft_being_checked"]);
  }
  await hub.sql`UPDATE drafts SET not_before = NULL WHERE id = ${id}`;
  await iris.checked(id);
  expect((await iris.ask("POST", `/v1/drafts/${id}/edits`, { edits })).json()).toMatchObject({ changed: 1 });
});

/** Begins a draft's check by hand, as a thread does it; nobody else takes it. */
async function checkByHand(
  id: number,
  onProgress: (progress: CheckProgress) => void,
): Promise<{ epoch: number; done: Promise<void> }> {
  const [claimed] = await hub.sql<{ epoch: number }>`
    UPDATE drafts SET state = 'checking', version = version + 1, epoch = epoch + 1, lease_until = now() + interval '1 hour'
    WHERE id = ${id} RETURNING epoch`;
  const { epoch } = claimed!;
  const { database, key: keyEncryptionKey } = hub;
  const parts = { database, store: openDraftStore(hub.dataFolder), keyEncryptionKey, hooks: {} };
  const { signal } = new AbortController();
  return { epoch, done: checkDraft(parts, { draftId: id, epoch }, { signal, onProgress }) };
}

async function zipOf(content: Buffer): Promise<Buffer> {
  const as = { as: "zip" as const, encryption: "aes256" as const };
  const chunks: Uint8Array[] = [];
  const options = { name: "inner.csv", sizeBytes: content.length, modifiedAt: new Date(), as };
  for await (const chunk of wrap(Readable.from([content]), options)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test("what takes long to be opened gives signs of life", async () => {
  const rows = Array.from({ length: 60_000 }, (_, n) => `${n},iris@example.com,${n}.50\n`);
  const { id } = await iris.given("long.zip", await zipOf(Buffer.from(`id,E-Mail,amount\n${rows.join("")}`)), {
    table: "orders",
  });
  await hub.sql`UPDATE drafts SET check_files = NULL WHERE id = ${id}`;
  const phases: string[] = [];
  await (await checkByHand(id, ({ phase }) => void phases.push(phase))).done;
  expect(phases.filter((phase) => phase === "opening").length).toBeGreaterThan(1);
  expect(await iris.get(id)).toMatchObject({ state: "checked", check: { verdict: "pass" } });
});

test("a check that breaks off leaves none of its files", async () => {
  const { id } = await iris.given("broken.csv", WRONG, { table: "orders" });
  const files = () => readdir(join(hub.dataFolder, "drafts", "spring", String(id)));
  const before = await files();
  await hub.sql`INSERT INTO draft_edits (draft_id, record, column_index, before, value, by)
    VALUES (${id}, 2, 1, '', 'two@example.com', 'test')`;
  const during: string[] = [];
  const { epoch, done } = await checkByHand(id, ({ phase }) => {
    if (phase === "opening") return;
    during.push(...readdirSync(join(hub.dataFolder, "drafts", "spring", String(id))));
    throw new Error("out of something");
  });
  await expect(done).rejects.toThrow("out of something");
  expect(during).toContain(`content-${epoch}`);
  expect((await files()).sort()).toEqual(before.sort());
});

test("what the profile asks for since holds for a draft that was opened before", async () => {
  const own = draftClient(hub, await hub.as("client", "spring"), "/v1/clients/spring/projects/stricter");
  const columns = [{ name: "id", type: "integer" as const }];
  const format = (delimiter: string) => [{ name: "orders", columns, format: { delimiter } }];
  await givenTables(hub, { client: "spring", project: "stricter", tables: format(",") });
  const text = "id;x,id\n1;one,2\nnone;two,3\n";
  const first = await own.given("s.csv", text, { table: "orders" });
  const { id } = first;
  expect(first.check).toMatchObject({ dialect: { delimiter: "," }, columns: [{ column: null }, { column: "id" }] });
  const again = async () => {
    expect((await own.ask("POST", `/v1/drafts/${id}/check`)).statusCode).toBe(202);
    return await own.checked(id);
  };
  await givenTables(hub, { client: "spring", project: "stricter", tables: format(";") });
  expect((await again()).check!.columns).toMatchObject([{ column: "id" }, { label: "x,id" }]);
  const edits = [{ record: 2, columnIndex: 0, value: "2" }];
  expect((await own.ask("POST", `/v1/drafts/${id}/edits`, { edits })).json()).toMatchObject({ changed: 1 });
  expect(await own.checked(id)).toMatchObject({ editCount: 1, check: { verdict: "pass" } });
  const { body } = await own.ask("GET", `/v1/drafts/${id}/content`);
  expect(body).toBe(text.replace("none", "2"));

  const { folders } = buildProfile({ client: "spring", project: "stricter" });
  const profile = profileSchema.parse({
    ...{ client: "spring", project: "stricter", folders, tables: format(";"), incoming: { pgp: "require" } },
  });
  await transaction(hub.database, (tx) => applyProfile(tx, { profile, appliedBy: "test" }));
  expect(await again()).toMatchObject({ state: "unreadable", reason: { code: "pgp_missing" } });
});

test.each([
  ["submit", "discard", { submit: 202, discard: 409, state: "submitted" }],
  ["discard", "submit", { submit: 409, discard: 204, state: "discarded" }],
] as const)("of a %s and a %s at once, the first is done, and both are told so", async (first, second, outcome) => {
  const { id } = await iris.given(`${first}.csv`, "id,E-Mail,amount\n1,iris@example.com,2\n", { table: "orders" });
  const ask = {
    submit: () => iris.ask("POST", `/v1/drafts/${id}/submit`),
    discard: () => iris.ask("DELETE", `/v1/drafts/${id}`),
  };
  const waiting = (count: number) =>
    waitFor(async () => (await hub.sql`SELECT 1 FROM pg_locks WHERE NOT granted`).length === count, {
      what: `${count} to wait for the draft`,
      timeoutMs: 60_000,
    });
  // Somebody else holds the draft until both have looked at it and want to change it.
  const [one, other] = await transaction(hub.database, async (tx) => {
    await lockDraft(tx, { draftId: id, scope: null });
    const one = ask[first]();
    await waiting(1);
    const other = ask[second]();
    await waiting(2);
    return [one, other] as const;
  });
  const codes = { [first]: (await one).statusCode, [second]: (await other).statusCode };
  expect({ ...codes, state: (await iris.get(id)).state }).toEqual(outcome);
});

test("a quote out of place is put right by its fix, with cells that were mended in other rows", async () => {
  const columns = [{ name: "id", type: "integer" as const }, { name: "text" }];
  await givenTables(hub, { client: "spring", project: "quotes", tables: [{ name: "notes", columns }] });
  const own = draftClient(hub, await hub.as("client", "spring"), "/v1/clients/spring/projects/quotes");
  const text = 'id,text\n1,ok\n2,"say "hi""\nx,3\n';
  const draft = await own.given("q.csv", text, { table: "notes" });
  const { code, count, fixable } = draft.check!.findings.byCode[0]!;
  expect([code, count, fixable]).toEqual(["text_after_quote", 1, 1]);
  const edits = [{ record: 3, columnIndex: 0, value: "3" }];
  await own.ask("POST", `/v1/drafts/${draft.id}/edits`, { edits });
  await own.checked(draft.id);
  expect((await own.ask("POST", `/v1/drafts/${draft.id}/fixes`, { code })).json()).toMatchObject({ changed: 1 });
  const after = await own.checked(draft.id);
  expect(after).toMatchObject({ editCount: 2, check: { verdict: "pass", counts: { records: 3 } } });
  const { body } = await own.ask("GET", `/v1/drafts/${draft.id}/content`);
  expect(body).toBe('id,text\n1,ok\n2,"say ""hi"""\n3,3\n');
  const listed = (await own.ask("GET", `/v1/drafts/${draft.id}/edits`)).json().edits;
  expect(listed.map(({ columnIndex }: { columnIndex: number | null }) => columnIndex)).toEqual([null, 0]);
});

test("a batch's error file that comes back mended is known, and one without its mark is refused in words", async () => {
  const table = tableSchema.parse(ORDERS);
  const written = async (mark?: { batchId: number; sha256: string }) => {
    const chunks: Buffer[] = [];
    const failed = new ErrorFile((chunk) => void chunks.push(Buffer.from(chunk)), mark);
    await check(memorySource(Buffer.from(WRONG)), { table, sinks: { failed } });
    await failed.end();
    return Buffer.concat(chunks);
  };
  const marked = await written({ batchId: 17, sha256: "0".repeat(64) });
  const draft = await iris.given("back.errors.csv", marked, { table: "orders" });
  expect(draft).toMatchObject({ state: "checked", corrects: 17, editable: false, check: { canSubmit: true } });
  expect(draft.whyNotEditable).toContain("batch 17");
  expect((await iris.rows(draft.id)).rows).toEqual([]);
  const unmarked = await iris.given("back.errors.csv", await written(), { table: "orders" });
  expect(unmarked).toMatchObject({ state: "unreadable", reason: { code: "correction_mark_missing" } });
});

test("another client's draft is not there, and one's own list holds one's own", async () => {
  await givenTables(hub, { client: "iris", project: "shop" });
  const draft = await iris.given("own.csv", WRONG, { table: "orders" });
  const stranger = draftClient(hub, await hub.as("client", "iris"));
  for (const [method, path, body] of [
    ["GET", "", undefined],
    ["GET", "/rows", undefined],
    ["GET", "/findings", undefined],
    ["GET", "/edits", undefined],
    ["GET", "/errors", undefined],
    ["GET", "/content", undefined],
    ["HEAD", "/content", undefined],
    ["PUT", "/mapping", { columns: [] }],
    ["POST", "/edits", { edits: [{ record: 1, columnIndex: 0, value: "1" }] }],
    ["POST", "/fixes", { code: "not_an_email" }],
    ["DELETE", "/edits", undefined],
    ["POST", "/check", undefined],
    ["POST", "/submit", undefined],
    ["DELETE", "", undefined],
  ] as const) {
    expect((await stranger.ask(method, `/v1/drafts/${draft.id}${path}`, body)).statusCode, `${method} ${path}`).toBe(
      404,
    );
  }
  expect((await stranger.send(draft.id, "x")).statusCode).toBe(404);
  expect((await stranger.ask("GET", "/v1/drafts")).json().drafts).toEqual([]);
  const viewer = draftClient(hub, await hub.as("viewer", "spring"));
  expect((await viewer.ask("POST", `/v1/drafts/${draft.id}/submit`)).statusCode).toBe(403);
  const list = (await iris.ask("GET", "/v1/drafts?limit=2")).json();
  expect(list.drafts).toHaveLength(2);
  expect(list.drafts[0].id).toBe(draft.id);
  expect((await iris.ask("GET", `/v1/drafts?cursor=${list.next}`)).json().drafts.length).toBeGreaterThan(0);
  // Who was another client's when it was begun sees it no more.
  await hub.sql`UPDATE drafts SET client_id = (SELECT id FROM clients WHERE slug = 'iris') WHERE id = ${draft.id}`;
  expect((await iris.ask("GET", "/v1/drafts?limit=1")).json().drafts[0].id).not.toBe(draft.id);
});

test("a trial is held against a profile that nobody saved, and never submitted", async () => {
  const admin = draftClient(hub, await hub.as("admin"));
  const columns = [{ name: "id", type: "date" }];
  const profile = {
    client: "not_yet",
    project: "new",
    folders: { uploads: "/new/Uploads" },
    tables: [{ name: "orders", columns }],
  };
  const body = { profile, fileName: "x.csv", sizeBytes: 5, table: "orders" };
  const begun = await admin.ask("POST", "/v1/trials", body);
  expect(begun.statusCode, begun.body).toBe(201);
  const { id } = begun.json();
  await admin.send(id, "id\n1\n");
  const draft = await admin.checked(id);
  expect(draft).toMatchObject({ trial: true, client: "not_yet", check: { verdict: "fail", canSubmit: false } });
  expect((await admin.ask("POST", `/v1/drafts/${id}/submit`)).json().code).toBe("draft_is_trial");
  expect((await iris.ask("GET", `/v1/drafts/${id}`)).statusCode).toBe(404);
  expect((await iris.ask("POST", "/v1/trials", body)).statusCode).toBe(403);
  expect((await admin.ask("DELETE", `/v1/drafts/${id}`)).statusCode).toBe(204);
  expect(await readdir(join(hub.dataFolder, "drafts", "not_yet")).catch(() => [])).toEqual([]);
});

test("a table is made for a sample, as inlet init makes it", async () => {
  const admin = draftClient(hub, await hub.as("operator"));
  const sample = "sku;price;day\nA-1;1,50;2026-11-01\nA-2;2,75;2026-11-02\nA-3;;2026-11-03\n";
  const headers = { "content-type": "application/octet-stream" };
  const before = await readdir(join(hub.dataFolder, "uploads"));
  const answer = await admin.ask("POST", "/v1/infer?fileName=prices-2026-11-20.csv", Buffer.from(sample), headers);
  expect(answer.statusCode, answer.body).toBe(200);
  const { table, dialect, columns } = answer.json();
  expect(table).toMatchObject({ name: "prices", files: ["{table}-{date}.csv"], format: { delimiter: ";" } });
  expect(
    table.columns.map((c: { name: string; type: string; required: boolean }) => [c.name, c.type, c.required]),
  ).toEqual([
    ["sku", "string", true],
    ["price", "decimal", false],
    ["day", "date", true],
  ]);
  expect(dialect.text).toContain("semicolons");
  expect(columns[1]).toMatchObject({ label: "price", filled: 2, samples: ["1,50", "2,75"] });
  const empty = await admin.ask(
    "POST",
    "/v1/infer?fileName=a.csv",
    Buffer.from("\ufeffa,b\n1,2\n", "utf16le"),
    headers,
  );
  expect([empty.statusCode, empty.json().code]).toEqual([400, "sample_unreadable"]);
  expect(await readdir(join(hub.dataFolder, "uploads"))).toEqual(before);
});
