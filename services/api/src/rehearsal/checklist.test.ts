import { type ProfileInput, profileSchema } from "@inlet/contracts";
import { expect, test } from "vitest";
import { buildProfile } from "../testing/hub.ts";
import { checklist, isPassed } from "./checklist.ts";
import type { Observed, ObservedBatch } from "./observed.ts";

const PLACED = "2026-11-20T09:00:01.000Z";
const FETCHED = new Date("2026-11-20T09:01:00Z");

/** A rehearsed file of which all went as agreed. */
function buildBatch(overrides: Partial<ObservedBatch> = {}): ObservedBatch {
  const path = "/video/Downloads/PURL_contacts.csv";
  return {
    batchId: 7,
    tableName: "contacts",
    fileName: "contacts.csv",
    source: "gateway",
    status: "completed",
    reasonCode: null,
    reasonMessage: null,
    profileVersion: 1,
    receivedAt: new Date("2026-11-20T09:00:00Z"),
    ...{ declared: null, records: 20, valid: 20, rejected: 0, imported: 20, links: 20 },
    issueTotals: {},
    issues: [],
    checked: {
      scan: { dialect: { encoding: "utf-8", bom: false, delimiter: ";" } },
      columns: [
        { label: "id", column: "id", matchedBy: "exact" },
        { label: "email", column: "email", matchedBy: "exact" },
      ],
    },
    steps: {
      validate: { state: "done", error: null },
      personalise: { state: "done", error: null },
      import: { state: "done", error: null },
      deliver: { state: "done", error: null },
    },
    arrival: { id: 3, path: "/video/Uploads/contacts.csv", arrivedAt: "2026-11-20T08:59:59.000Z" },
    account: { username: "spring", cidrs: ["203.0.113.0/24"] },
    mailedFrom: null,
    artifacts: ["source", "plain", "result"],
    deliveries: [
      { artifact: "result", destination: "downloads:spring", path, deliveredAt: PLACED },
      { artifact: "flag", destination: "downloads:spring", path: `${path}.flg`, deliveredAt: PLACED },
    ],
    viewedAt: PLACED,
    messages: [{ event: "completed", recipient: "ops@client.example", state: "sent", response: "250 OK", error: null }],
    sender: { arrivalId: 3, actor: "sftp:spring", address: "203.0.113.9", method: "publickey", role: null },
    downloads: [{ username: "spring", path, isWhole: true, at: FETCHED }],
    takenWith: undefined,
    ...overrides,
  };
}

const LINKED: Partial<ProfileInput> = {
  links: {},
  delivery: { to: "downloads", flag: true },
  notify: { recipients: ["ops@client.example"] },
};

function buildObserved(batches: ObservedBatch[], profile: Partial<ProfileInput> = LINKED): Observed {
  return {
    profile: profileSchema.parse(buildProfile({ client: "spring", project: "video", ...profile })),
    profileVersion: 1,
    batches,
    refusals: [],
    refusedMail: undefined,
    unmadeTables: new Set(),
  };
}

const states = (observed: Observed) => Object.fromEntries(checklist(observed).map(({ id, state }) => [id, state]));
const line = (observed: Observed, id: string) => checklist(observed).find((each) => each.id === id);

test("all as agreed: every line is green or not needed, with what was found and what was expected", () => {
  const observed = buildObserved([buildBatch()]);
  expect(isPassed(checklist(observed))).toBe(true);
  const told = checklist(observed).map(({ title, state, found }) => `${title}: ${state}, ${found}`);
  expect(told).toEqual([
    "Login: green, spring with an SSH key",
    "Address: green, 203.0.113.9, within 203.0.113.0/24",
    "Folder: green, /video/Uploads",
    "File name: green, contacts.csv",
    "Encryption: not_needed, the profile does not ask for it",
    "Signature: not_needed, the profile does not ask for it",
    "ZIP: not_needed, the profile does not ask for it",
    "Encoding: green, UTF-8",
    "Delimiter: green, semicolon",
    "Column names: green, 2 columns found",
    "Rows: green, every row is valid",
    "Count: green, 20 rows",
    "Import: green, 20 rows taken, and given up again",
    "Result: green, 20 links in /video/Downloads/PURL_contacts.csv",
    "Result fetched: green, by spring, to its last byte",
    "Flag file: green, /video/Downloads/PURL_contacts.csv.flg",
    "Error file: not_needed, the profile does not ask for it",
    "Link opened: green, a link was opened",
    "E-mail: green, the server said: 250 OK",
    "Reply: not_needed, no file comes by e-mail",
  ]);
});

test("before anything has come all that is needed waits, and says what to do first", () => {
  const observed = buildObserved([]);
  expect(isPassed(checklist(observed))).toBe(false);
  expect(new Set(Object.values(states(observed)))).toEqual(new Set(["waiting", "not_needed"]));
  expect(line(observed, "file_name")).toMatchObject({ whatToDo: expect.stringContaining("about 20 rows as contacts") });
});

/** What one change of what was seen makes of which line. */
const CHANGES: [string, Partial<ObservedBatch>, string, string, RegExp, RegExp | null][] = [
  [
    "any address may log in",
    { account: { username: "spring", cidrs: [] } },
    "address",
    "warning",
    /any address/,
    /--cidr/,
  ],
  [
    "an operator sent it",
    { source: "upload", sender: { arrivalId: 3, actor: "ops", address: null, method: null, role: "operator" } },
    "login",
    "red",
    /API.*ops/,
    /client send it by SFTP/,
  ],
  ["the profile has changed since", { profileVersion: 0 }, "profile", "red", /version 0/, /once more/],
  [
    "rows were rejected",
    {
      status: "partial",
      rejected: 2,
      issues: [{ line: 3, value: "x", code: "not_an_integer", message: "id must be a number.", severity: "error" }],
    },
    "types",
    "red",
    /^2 rows of 20 rejected; line 3, “x”: id must be a number/,
    /send it again/,
  ],
  ["another encoding", { issueTotals: { encoding_invalid: 1 } }, "encoding", "red", /1 cell/, /UTF-8/],
  ["a load test", { records: 5_000 }, "counts", "red", /5,000/, /about 20/],
  ["another number", { records: 3 }, "counts", "green", /as good as 20/, null],
  ["only looked at", { downloads: [] }, "result_fetched", "waiting", /^$/, /PURL_contacts\.csv by SFTP/],
  [
    "an earlier download of that name",
    { downloads: [{ username: "spring", path: "/video/Downloads/PURL_contacts.csv", isWhole: true, at: new Date(0) }] },
    "result_fetched",
    "waiting",
    /^$/,
    null,
  ],
  [
    "another login's download",
    { downloads: [{ username: "other", path: "/video/Downloads/PURL_contacts.csv", isWhole: true, at: FETCHED }] },
    "result_fetched",
    "waiting",
    /^$/,
    null,
  ],
  [
    "broken off",
    { downloads: [{ username: "spring", path: "/video/Downloads/PURL_contacts.csv", isWhole: false, at: FETCHED }] },
    "result_fetched",
    "red",
    /not to its end/,
    /fetch/,
  ],
  ["got by the API", { downloads: [], takenWith: "spring" }, "result_fetched", "green", /API.*“spring”/, null],
  ["no link opened", { viewedAt: null }, "link_opened", "waiting", /^$/, /landingPage/],
  [
    "the address is refused",
    {
      messages: [
        {
          ...{ event: "completed", recipient: "OPS@client.example", state: "failed", response: null },
          error: { code: "smtp_refused", message: "550 no such user", retryable: false },
        },
      ],
    },
    "email",
    "red",
    /550/,
    /Mend the address/,
  ],
  [
    "a column is missing",
    {
      ...{ status: "rejected", reasonCode: "column_missing", reasonMessage: "The column email is missing." },
      ...{ imported: null, links: null, deliveries: [], downloads: [], viewedAt: null },
    },
    "header",
    "red",
    /email is missing/,
    /send it again/,
  ],
  [
    "PostgreSQL refuses a row",
    {
      ...{
        status: "failed",
        reasonCode: "table_changed",
        reasonMessage: "Table contacts does not fit.",
        imported: null,
      },
      steps: {
        validate: { state: "done", error: null },
        import: { state: "failed", error: null },
      },
    },
    "import",
    "red",
    /does not fit/,
    /batch 7/,
  ],
];

test.each(CHANGES)("%s", (_, change, id, state, found, whatToDo) => {
  const observed = buildObserved([buildBatch(change)]);
  const told = line(observed, id)!;
  expect(told.state).toBe(state);
  expect(told.found ?? "").toMatch(found);
  if (whatToDo !== null) expect(told.whatToDo).toMatch(whatToDo);
  expect(isPassed(checklist(observed))).toBe(state === "green" || state === "warning");
});

test("what lies behind the place where a file was stopped has not been seen, whatever the file before it showed", () => {
  const stopped = buildBatch({
    ...{ status: "rejected", reasonCode: "pgp_required", reasonMessage: "The file is not encrypted." },
    ...{ checked: null, records: null, valid: null, rejected: null, imported: null, links: null },
    ...{ deliveries: [], downloads: [], viewedAt: null },
  });
  const observed = buildObserved([stopped], { ...LINKED, incoming: { pgp: "require", signature: "require" } });
  expect(states(observed)).toMatchObject({
    ...{ login: "green", folder: "green", file_name: "green", encryption: "red" },
    ...{ signature: "waiting", encoding: "waiting", header: "waiting", types: "waiting", import: "waiting" },
  });
  expect(line(observed, "types")!.found).toMatch(/stopped before/);
});

test("once it is live the profile may change, and what was seen stays", () => {
  const observed = { ...buildObserved([buildBatch({ profileVersion: 1 })]), profileVersion: null };
  expect(isPassed(checklist(observed))).toBe(true);
});

test("of one table a file that belongs to none is told in its place", () => {
  const stray = buildBatch({
    ...{ tableName: null, fileName: "x.csv", status: "rejected", reasonCode: "unknown_file_name", checked: null },
    ...{ records: null, valid: null, rejected: null, imported: null, links: null, deliveries: [], viewedAt: null },
  });
  const observed = buildObserved([buildBatch(), stray]);
  expect(checklist(observed).filter(({ id }) => id === "file_name")).toMatchObject([
    { state: "red", found: "x.csv belongs to no table", whatToDo: expect.stringContaining("contacts") },
  ]);
  expect(states(observed)).toMatchObject({ login: "green", types: "waiting", import: "waiting" });
  const underWay = { ...stray, status: "running" as const, reasonCode: null, steps: {} };
  expect(states(buildObserved([underWay]))).toMatchObject({ file_name: "waiting", types: "waiting" });
});

test("what a file came wrapped in is told as it was found", () => {
  const wrapping = { pgp: true, signedBy: "ab".repeat(20), zip: true, zipEncrypted: true };
  const { checked } = buildBatch();
  const seen = buildObserved([buildBatch({ checked: { ...checked, wrapping } })]);
  expect(line(seen, "encryption")).toMatchObject({ state: "green", found: "OpenPGP" });
  expect(line(seen, "signature")).toMatchObject({ state: "green", found: expect.stringMatching(/ABABABABABABABAB$/) });
  expect(line(seen, "zip_password")).toMatchObject({ state: "green", found: expect.stringMatching(/password/) });
});

test("what is asked for and was not there is red, even where the check let it through", () => {
  const { checked } = buildBatch();
  const bare = { pgp: false, signedBy: null, zip: false, zipEncrypted: false };
  const observed = buildObserved([buildBatch({ checked: { ...checked, wrapping: bare } })], {
    ...LINKED,
    incoming: { pgp: "require", signature: "require", zip: { password: "zip_password", encryption: "require" } },
  });
  expect(states(observed)).toMatchObject({
    encryption: "red",
    signature: "red",
    zip_password: "red",
    encoding: "green",
  });
});

test("a login that failed is told while no file has come", () => {
  const refusal = { username: "spring", address: "198.51.100.7", path: null, at: FETCHED };
  const observed = (reason: string): Observed => ({
    ...buildObserved([]),
    refusals: [{ ...refusal, action: "login", reason }],
  });
  expect(line(observed("wrong password"), "login")).toMatchObject({
    state: "red",
    found: "spring from 198.51.100.7: wrong password",
    whatToDo: expect.stringContaining("inlet account change spring --new-password"),
  });
  expect(states(observed("address not allowed"))).toMatchObject({ login: "waiting", address: "red" });
});

const MAILED: Partial<ProfileInput> = {
  ...LINKED,
  incoming: { pgp: "require" },
  email: { senders: ["data@client.example"] },
};

test("a file by e-mail has no login, no folder and no download, and is answered", () => {
  const { checked } = buildBatch();
  const reply = { event: "reply", recipient: "data@client.example", state: "sent", response: "250 OK", error: null };
  const mailed = buildBatch({
    ...{
      source: "email",
      mailedFrom: "data@client.example",
      account: null,
      sender: undefined,
      downloads: [],
      deliveries: [],
    },
    ...{ checked: { ...checked, wrapping: { pgp: true } }, messages: [...buildBatch().messages, reply] },
  });
  const observed = buildObserved([mailed], MAILED);
  expect(isPassed(checklist(observed))).toBe(true);
  expect(states(observed)).toMatchObject({ address: "not_needed", folder: "not_needed", result_fetched: "not_needed" });
  expect(line(observed, "login")!.found).toBe("by e-mail from data@client.example");
  const unanswered = buildObserved([{ ...mailed, messages: buildBatch().messages }], MAILED);
  expect(line(unanswered, "reply")!.state).toBe("waiting");
  const refused = { from: "data@client.example", code: "mail_without_file" };
  expect(line({ ...buildObserved([], MAILED), refusedMail: refused }, "login")).toMatchObject({
    state: "red",
    found: "an e-mail from data@client.example was refused: mail without file",
  });
});

const TWO_TABLES: Partial<ProfileInput> = {
  tables: [
    { name: "store", files: ["store-{date}.csv"], columns: [{ name: "id" }] },
    {
      name: "sales",
      files: ["sales-{date}.csv"],
      columns: [{ name: "store" }],
      rules: [{ rule: "references", columns: ["store"], table: "store", to: ["id"] }],
    },
  ],
};

test("of several tables each has its lines, one of which nothing has come says so alone, and a stray name is told", () => {
  const sales = buildBatch({ tableName: "sales", fileName: "sales-2026-11-20.csv" });
  const observed = { ...buildObserved([sales], TWO_TABLES), unmadeTables: new Set(["store"]) };
  const lines = checklist(observed);
  expect(lines.filter(({ table }) => table === "store").map(({ id, state }) => [id, state])).toEqual([
    ["file_name", "waiting"],
  ]);
  const ofSales = lines.filter(({ table }) => table === "sales");
  expect(ofSales.find(({ id }) => id === "references")).toMatchObject({
    state: "warning",
    whatToDo: expect.stringContaining("store imported before the first one of sales"),
  });
  expect(isPassed(ofSales)).toBe(true);
  expect(isPassed(lines)).toBe(false);

  const stray = buildBatch({
    ...{ tableName: null, fileName: "x.csv", status: "rejected" },
    reasonCode: "unknown_file_name",
  });
  const strayed = checklist({ ...observed, batches: [sales, stray] });
  expect(strayed.find(({ id, table }) => id === "file_name" && table === null)).toMatchObject({
    state: "red",
    found: "x.csv belongs to no table",
    expected: "store-YYYY-MM-DD.csv, sales-YYYY-MM-DD.csv",
  });
  const locked = buildBatch({ ...stray, fileName: "x.zip", reasonCode: "zip_password_wrong", reasonMessage: "Wrong." });
  expect(checklist({ ...observed, batches: [sales, locked] })).toContainEqual(
    expect.objectContaining({ id: "zip_password", table: null, state: "red", found: "Wrong." }),
  );
  // The right one that came after it has put it right.
  const mended = checklist({ ...observed, batches: [stray, sales] });
  expect(mended.some(({ id, table }) => id === "file_name" && table === null)).toBe(false);
});

test.each<[string, Partial<ProfileInput>, Partial<ObservedBatch>]>([
  ["without links", { links: undefined }, { links: null, deliveries: [] }],
  ["answered by e-mail", {}, { source: "email", account: null, mailedFrom: "data@client.example", deliveries: [] }],
])("no flag file is waited for where there is no result to announce: %s", (_, profile, batch) => {
  const observed = buildObserved([buildBatch(batch)], { ...LINKED, ...profile });
  expect(line(observed, "flag_file")).toMatchObject({ state: "not_needed" });
});

test("a result that went to a Downloads folder is to be fetched, also where its file came by e-mail", () => {
  const observed = buildObserved([buildBatch({ source: "email", account: null, downloads: [] })]);
  expect(line(observed, "result_fetched")).toMatchObject({ state: "waiting" });
});

test.each([
  ["another one", "198.51.100.7"],
  ["none that the audit knows of", null],
])("an address that was not seen within the account's ranges is not green: %s", (_, address) => {
  const batch = buildBatch();
  const observed = buildObserved([{ ...batch, sender: { ...batch.sender!, address } }]);
  expect(line(observed, "address")).toMatchObject({ state: "red", whatToDo: expect.stringContaining("send it again") });
});

test("a file that failed on its way back is never passed, also where there is no result", () => {
  const steps = { ...buildBatch().steps, deliver: { state: "failed" as const, error: null } };
  const failed = buildBatch({ status: "failed", reasonMessage: "No room.", links: null, deliveries: [], steps });
  const observed = buildObserved([failed], { delivery: { to: "downloads", errors: true } });
  expect(line(observed, "result_fetched")).toMatchObject({ state: "red", found: "No room." });
  expect(isPassed(checklist(observed))).toBe(false);
});

test("rows that are pulled need no file: the system's own count is what was agreed", () => {
  const source: ProfileInput["source"] = {
    kind: "pull",
    system: { connector: "intact_iq", url: "https://erp.example.com/api", secret: "erp_key" },
    pulls: [{ table: "contacts", resource: "Customers", incremental: { by: "ID", kind: "key" } }],
  };
  const pulled = buildBatch({ source: "pull", declared: 1200, records: 1200, account: null, sender: undefined });
  const nothing = checklist(buildObserved([], { source }));
  expect(nothing[0]).toMatchObject({ id: "login", state: "waiting", whatToDo: "Pull once: inlet pull spring/video" });
  const all = checklist(buildObserved([pulled], { source })).map(({ id, state, found }) => `${id}: ${state}, ${found}`);
  expect(isPassed(checklist(buildObserved([pulled], { source })))).toBe(true);
  expect(all).toContain("counts: green, 1,200 rows");
  expect(all).toContain("encoding: not_needed, its rows were pulled");
  const stop = { status: "rejected", reasonCode: "pull_incomplete", reasonMessage: "1,200 were expected." } as const;
  const short = buildObserved([buildBatch({ ...pulled, ...stop, records: null, checked: null })], { source });
  expect(line(short, "counts")).toMatchObject({ state: "red", whatToDo: expect.stringContaining("pull again") });
});
