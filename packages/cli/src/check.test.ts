import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { fileCheckSchema, unreadFileSchema } from "@inlet/contracts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inletOf, type Outcome } from "./testing/inlet.ts";

let folder: string;
let inlet: ReturnType<typeof inletOf>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inlet-check-test-"));
  // No hub is there, and none is needed.
  inlet = inletOf(join(folder, "no-hub"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const run = (...args: string[]): Promise<Outcome> => inlet.run(args);

async function given(name: string, content: string | Uint8Array): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, content);
  return file;
}

const rows = (count: number, row: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => row(n + 1)).join("");
const ORDERS = `id,name,quantity\n${rows(40, (n) => `${n},Name ${n},${n === 31 ? "n/a" : n % 7}\n`)}`;
/** As it is written down for all: these keys, in this order. */
const KEYS = ["file", "dialect", "columns", "counts", "issues", "verdict"];
const ISSUE_KEYS = "severity code line byteOffset record column label value message fix".split(" ");

function objects({ stdout }: Outcome) {
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => {
      const object = JSON.parse(line);
      if ("error" in object) return unreadFileSchema.strict().parse(object);
      expect(Object.keys(object)).toEqual(KEYS);
      for (const issue of object.issues) expect(Object.keys(issue)).toEqual(ISSUE_KEYS);
      return fileCheckSchema.strict().parse(object);
    });
}

const one = (outcome: Outcome) => fileCheckSchema.parse(objects(outcome)[0]);

test("a finding is shown under its line, and the exit code tells that there is one", async () => {
  const file = await given("orders.csv", ORDERS);
  const checked = await run("check", file);
  expect(checked.exitCode).toBe(1);
  expect(checked.stderr).toBe("");
  const lines = checked.stdout.split("\n");
  expect(lines[0]).toMatch(/^error\[not_an_integer\]: quantity must be a whole number/);
  const at = lines.findIndex((line) => line.startsWith(" 32 │ "));
  expect(lines[at - 1]).toMatch(/╭─ .*orders\.csv:32 {2}record 31, column 3 quantity, byte \d+$/);
  expect(lines[at]).toBe(" 32 │ 31,Name 31,n/a");
  expect(lines[at + 1]).toBe("    │            ^^^");
  expect(checked.stdout).toMatch(/✗ .*orders\.csv: 1 error in 40 records/);
  expect(checked.stdout).toContain("id: integer, name: string, quantity: integer");
});

test("0 passes, 2 is not readable or not a command", async () => {
  const good = await given("good.csv", "id,day\n1,2026-01-02\n2,2026-01-03\n");
  expect((await run("check", good)).exitCode).toBe(0);
  for (const args of [
    [join(folder, "nothing.csv")],
    [good, "--table", "orders"],
    [good, "--profile", join(folder, "nothing.yaml")],
    [good, "--colour"],
    [],
    [await given("packed.csv.gz", Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]))],
  ]) {
    const outcome = await run("check", ...args);
    expect([outcome.exitCode, outcome.stdout], args.join(" ")).toEqual([2, ""]);
    expect(outcome.stderr, args.join(" ")).not.toBe("");
  }
});

test("every line of --json is one object of the agreed form, whatever the file is", async () => {
  const files = await Promise.all([
    given("j-orders.csv", ORDERS),
    given("j-empty.csv", ""),
    given("j-blank.csv", "\n\n"),
    given("j-header.csv", "id,name\n"),
    given("j-utf16.csv", Buffer.from("\ufeffid,name\n1,a\n", "utf16le")),
    given("j-latin.csv", Buffer.from("id;stra\xdfe\r\n1;K\xf6ln\r\n2;Bonn\r\n", "latin1")),
    given("j-bytes.csv", Buffer.from(Array.from({ length: 4000 }, (_, n) => (n * 7919) % 251))),
    given("j-labels.csv", "id,id,,x\n1,2,3,4\n"),
    given("j-ragged.csv", "a,b\n1,2\n3\n4,5,6\n"),
  ]);
  const outcome = await run("check", "--json", ...files, join(folder, "j-missing.csv"));
  expect(outcome.exitCode).toBe(2);
  const found = objects(outcome);
  expect(found).toHaveLength(files.length + 1);
  for (const object of found) {
    if ("error" in object) continue;
    const { counts, issues, verdict } = object;
    expect(counts.records).toBe(counts.valid + counts.invalid);
    expect(Object.values(counts.byCode).reduce((sum, count) => sum + count, 0)).toBe(counts.issues);
    expect(issues).toHaveLength(counts.issues);
    expect(verdict).toBe(issues.some(({ severity }) => severity === "error") ? "fail" : "pass");
  }
  expect(found[0]).toMatchObject({
    file: { name: files[0], sizeBytes: ORDERS.length, sha256: createHash("sha256").update(ORDERS).digest("hex") },
    dialect: { encoding: "utf-8", delimiter: ",", quote: '"', escape: '"', lineEnding: "\n", header: true, bom: false },
    issues: [{ code: "not_an_integer", line: 32, record: 31, column: 3, label: "quantity", value: "n/a" }],
  });
  const [issue] = one(outcome).issues;
  expect(Buffer.from(ORDERS).toString("latin1", issue!.byteOffset!, issue!.byteOffset! + 3)).toBe("n/a");
  expect(found[5]).toMatchObject({ dialect: { encoding: "windows-1252", delimiter: ";", lineEnding: "\r\n" } });
  expect(found.at(-1)).toMatchObject({ error: { code: "file_not_found" } });
});

test("what is listed is bounded, what is counted is not", async () => {
  const file = await given("many.csv", `id,n\n${rows(3000, (n) => `${n},${n % 25 === 0 ? "?" : n}\n`)}`);
  const few = one(await run("check", file, "--json", "--max-issues", "3"));
  expect(few.issues).toHaveLength(3);
  expect(few.counts).toMatchObject({ records: 3000, invalid: 120, issues: 120, byCode: { not_an_integer: 120 } });
  expect(one(await run("check", file, "--json", "--max-issues", "0")).issues).toEqual([]);
  const people = await run("check", file, "--max-issues", "2");
  expect(people.stdout.match(/\^/g)).toHaveLength(2);
  expect(people.stdout).toContain("… and 118 more");
});

const PROFILE = `
client: spring
project: shop
folders: { uploads: /shop/Uploads }
tables:
  - name: orders
    files: ["orders-{date}.csv"]
    invalid: { policy: skip, maxRows: 5 }
    columns:
      - { name: quantity, header: Quantity, type: integer, required: true }
      - { name: order_id, header: Order No, aliases: [Order], required: true, unique: true }
      - { name: ordered, header: Ordered on, type: date, format: dd.MM.yyyy }
  - name: stores
    files: ["stores-{date}.csv"]
    columns: [{ name: id, type: integer }]
`;

test("held against a profile, a file's findings name its own columns, and the table's where one is missing", async () => {
  const profile = await given("shop.yaml", PROFILE);
  const file = await given("orders-2026-11-20.csv", "Order;Extra;QUANTITY\nA1;x;5\nA1;x;\nA3;x;many\n");
  const outcome = await run("check", file, "--profile", profile, "--json");
  expect(outcome.exitCode).toBe(1);
  const { issues, columns, counts } = one(outcome);
  expect(columns.map(({ label, mappedTo, type }) => [label, mappedTo, type])).toEqual([
    ["Order", "order_id", "string"],
    ["Extra", null, null],
    ["QUANTITY", "quantity", "integer"],
  ]);
  const places = issues.map(({ code, line, column, label }) => [code, line, column, label]);
  expect(places).toContainEqual(["column_missing", 1, null, "Ordered on"]);
  expect(places).toContainEqual(["value_duplicate", 3, 1, "Order"]);
  expect(places).toContainEqual(["value_missing", 3, 3, "QUANTITY"]);
  expect(places).toContainEqual(["not_an_integer", 4, 3, "QUANTITY"]);
  expect(counts).toMatchObject({ records: 3, valid: 1, invalid: 2 });
});

test("the table is the one that is named, or the one whose files are called so", async () => {
  const profile = await given("shop.yaml", PROFILE);
  const file = await given("anything.csv", "id\n1\n2\n");
  const unclear = await run("check", file, "--profile", profile);
  expect(unclear).toMatchObject({ exitCode: 2, stdout: "" });
  expect(unclear.stderr).toMatch(/--table orders/);
  expect((await run("check", file, "--profile", profile, "--table", "stores")).exitCode).toBe(0);
  const wrong = await run("check", file, "--profile", profile, "--table", "store");
  expect(wrong.stderr).toContain("it has orders, stores");
});

test("a file in a ZIP, or out of a pipe, is checked like the file itself", async () => {
  const packed = zipOf({ "orders.csv": ORDERS });
  const file = await given("orders.zip", packed);
  const zipped = one(await run("check", file, "--json"));
  expect(zipped.file).toMatchObject({
    sizeBytes: packed.length,
    sha256: createHash("sha256").update(packed).digest("hex"),
  });
  const piped = one(await inlet.run(["check", "-", "--json"], { input: ORDERS }));
  const plain = one(await run("check", await given("orders.csv", ORDERS), "--json"));
  for (const other of [zipped, piped]) expect({ ...other, file: plain.file }).toEqual(plain);
});

test("what has to be opened by hand is said to be that", async () => {
  const several = await run(
    "check",
    await given("several.zip", zipOf({ "orders.csv": ORDERS, "stores.csv": "id\n1\n" })),
  );
  expect(several.exitCode).toBe(2);
  expect(several.stderr).toContain("The ZIP holds 2 data files (orders.csv, stores.csv); unpack it and check each.");
  const message = await run("check", await given("orders.csv.asc", "-----BEGIN PGP MESSAGE-----\n\nabcd\n"));
  expect(message.exitCode).toBe(2);
  expect(message.stderr).toMatch(/OpenPGP message, and the check has no keys; decrypt it/);
});

/** A ZIP with stored entries, put together by hand. */
function zipOf(entries: Record<string, string>): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(entries)) {
    const data = Buffer.from(text);
    // CRC, both sizes, the length of the name: the same in both headers.
    const facts = Buffer.alloc(16);
    facts.writeUInt32LE(crc32(data), 0);
    facts.writeUInt32LE(data.length, 4);
    facts.writeUInt32LE(data.length, 8);
    facts.writeUInt16LE(name.length, 12);
    const local = Buffer.alloc(30);
    local.write("PK\x03\x04\x14\x00", 0, "latin1");
    facts.copy(local, 14);
    const central = Buffer.alloc(46);
    central.write("PK\x01\x02\x14\x00\x14\x00", 0, "latin1");
    facts.copy(central, 16);
    central.writeUInt32LE(offset, 42);
    locals.push(local, Buffer.from(name), data);
    centrals.push(central, Buffer.from(name));
    offset += local.length + name.length + data.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(locals.length / 3, 8);
  end.writeUInt16LE(locals.length / 3, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

test("of several files and folders each has a line, and the worst one decides", async () => {
  const root = join(folder, "drop");
  await mkdir(join(root, "deep"), { recursive: true });
  await writeFile(join(root, "a.csv"), "id\n1\n2\n");
  await writeFile(join(root, "deep/b.tsv"), "id\tn\n1\t2\n3\n");
  await writeFile(join(root, ".hidden.csv"), "x\n");
  await writeFile(join(root, "notes.md"), "x\n");
  const outcome = await run("check", root);
  expect(outcome.exitCode).toBe(1);
  const lines = outcome.stdout.trimEnd().split("\n");
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^✓ {2}.*a\.csv +2 records/);
  expect(lines[1]).toMatch(/^✗ {2}.*b\.tsv +2 records .* 1 error from line 3: cells_missing$/);
  expect(lines[2]).toBe("passed over: 1 file of another kind");
  expect((await run("check", root, join(folder, "nowhere.csv"))).exitCode).toBe(2);
  expect((await run("check", join(root, "a.csv"), join(root, "a.csv"))).exitCode).toBe(0);
});

test("nothing in a file steers the terminal", async () => {
  const file = await given(
    "esc\u001b[2J.csv",
    `id,n\n${rows(30, (n) => `${n},${n}\n`)}31,\u001b]0;owned\u0007\u009b31m\u202e\n`,
  );
  const outcome = await inlet.run(["check", file], { env: { NO_COLOR: undefined, FORCE_COLOR: "1" } });
  expect(outcome.exitCode).toBe(1);
  const withoutColours = outcome.stdout.replace(/\u001b\[\d+m/g, "");
  expect(withoutColours).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  expect(withoutColours).toContain("␛]0;owned␇‹U+009B›31m‹U+202E›");
});

test("a file's name does not steer the terminal in an error either", async () => {
  const missing = await run("check", join(folder, "none\u001b]0;owned\u0007\u009b31m.csv"));
  expect(missing.exitCode).toBe(2);
  expect(missing.stderr).toContain("none");
  expect(missing.stderr).not.toMatch(/[\u001b\u0007\u009b]/);
});

test("what was understood is written in one form for all files", async () => {
  const file = await given(
    "mess.csv",
    Buffer.from(
      'Report\r\n\r\nid;n\xe4me;note\r\n1;"a;b";"say ""hi"""\r\n2;x,y;=1+1\r\n3;;"two\r\nlines"\r\n4;short\r\n',
      "latin1",
    ),
  );
  const output = join(folder, "clean.csv");
  const outcome = await run("check", file, "--normalized", output);
  expect(outcome.exitCode).toBe(1);
  expect(await readFile(output, "utf8")).toBe(
    'id,näme,note\n1,a;b,"say ""hi"""\n2,"x,y",=1+1\n3,,"two\r\nlines"\n4,short\n',
  );
  expect(outcome.stdout).toMatch(/Wrote .*clean\.csv: 4 records/);
});

test("what is written is never the file that is read, and nothing is left of what failed", async () => {
  const file = await given("own.csv", ORDERS);
  await symlink(file, join(folder, "link.csv"));
  for (const output of [file, join(folder, "link.csv"), folder, join(folder, "nowhere/out.csv")]) {
    const outcome = await run("check", file, "--normalized", output);
    expect([outcome.exitCode, outcome.stdout], output).toEqual([2, ""]);
  }
  expect(await readFile(file, "utf8")).toBe(ORDERS);
  const empty = await given("empty.csv", "");
  const output = join(folder, "from-empty.csv");
  expect((await run("check", empty, "--normalized", output)).exitCode).toBe(2);
  expect((await readdir(folder)).filter((name) => name.includes("from-empty") || name.endsWith(".part"))).toEqual([]);
});

test("forgiven faults are warnings, and warnings pass", async () => {
  const file = await given("loose.csv", 'id,name\n1,a "b" c\n2,x\n3\n');
  expect((await run("check", file)).exitCode).toBe(1);
  const tolerant = await run("check", file, "--tolerant", "--json");
  expect(tolerant.exitCode).toBe(0);
  expect(one(tolerant)).toMatchObject({ verdict: "pass", counts: { valid: 3, invalid: 0 } });
});

const DIALECTS: [string, string | Buffer][] = [
  ["plain.csv", "id,First Name,amount,day\n1,Ana,1.50,2026-01-31\n2,Bo,2,2026-02-01\n3,,2.25,\n"],
  [
    "german-2026-11-20.csv",
    Buffer.from(
      "Kunden-Nr;Stra\xdfe;Betrag;Tag\r\n00017;Allee 1;1,50;31.01.2026\r\n00018;Weg 2;12,00;01.02.2026\r\n",
      "latin1",
    ),
  ],
  ["store-2026-11-20.tsv", "\ufeffid\tname\topened\n1\tNorth\t2026-01-31 09:00:00\n2\tSouth\t2026-02-01 10:30:00\n"],
  ["export_20261120_093000.txt", "id|flag|note\n1|yes|a\n2|no|\n3|no|c\n"],
  ["Ünïcode näme (1).csv", `"id";"true";"größe %"\n${rows(30, (n) => `"${n}";"${n % 2 ? "ja" : "nein"}";"${n},5"\n`)}`],
  ["titled.csv", "Sales of the month,,\nid,date,total\n1,01/31/2026,5\n2,12/24/2026,6\n3,02/03/2026,7\n"],
  ["nameless.dat", rows(30, (n) => `${n};2026-01-${String((n % 28) + 1).padStart(2, "0")};${n}.5\n`)],
  ["quoted.csv", `'id','text'\n${rows(20, (n) => `'${n}','it''s, ${n}'\n`)}`],
  ["nohint", "a,b\n1,2\n3,4\n"],
];

test.each(DIALECTS)("the first profile of %s takes the file that it was made from", async (name, content) => {
  const file = await given(name, content);
  const profile = join(folder, `${name}.yaml`);
  const made = await run("init", file, "-o", profile, "--client", "spring");
  expect([made.exitCode, made.stderr]).toEqual([0, ""]);
  const checked = await run("check", file, "--profile", profile, "--json");
  expect(one(checked)).toMatchObject({ verdict: "pass" });
  expect(one(checked).columns.every(({ mappedTo }) => mappedTo !== null)).toBe(true);
  const again = await run("init", file, "-o", profile);
  expect(again).toMatchObject({ exitCode: 2, stdout: "" });
  expect(again.stderr).toMatch(/is there already/);
});

test("a first profile says what was found, and why", async () => {
  const file = await given(
    "customers-2026-11-20.csv",
    `Customer No;E-Mail;Plan;Since\n${rows(60, (n) => `${n};c${n}@example.com;${n % 3 ? "Basic" : "Plus"};0${(n % 9) + 1}/0${(n % 8) + 1}/2026\n`)}`,
  );
  const { stdout } = await run("init", file, "-o", "-");
  expect(stdout).toContain('files: ["{table}-{date}.csv"]');
  expect(stdout).toMatch(/- name: customer_no\n +header: Customer No\n +type: integer\n +required: true/);
  expect(stdout).toContain("# type: email");
  expect(stdout).toMatch(/# type: enum .*\n +# values: \[Basic, Plus\]/);
  expect(stdout).toMatch(/format: "dd\/MM\/yyyy" # or MM\/dd\/yyyy/);
});

test("help needs no hub, and tells the exit codes", () => {
  const help = spawnSync(process.execPath, [join(import.meta.dirname, "main.ts"), "check", "--help"], {
    encoding: "utf8",
  });
  expect(help.stdout).toMatch(/2 {2}a file cannot be read/);
});
