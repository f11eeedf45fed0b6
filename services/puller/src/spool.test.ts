import { createHash } from "node:crypto";
import { appendFile, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openItemReader } from "@inlet/connectors";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SeenKeys } from "./seen-keys.ts";
import { beginSpool, removeSpool, resumeSpool, type Spool } from "./spool.ts";

let dataFolder: string;
beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), "inlet spool "));
});
afterAll(() => rm(dataFolder, { recursive: true, force: true }));

const header = Buffer.from("id,name\n");
const reader = openItemReader({ cells: [["id"], ["name"]], key: [0] });
const pageOf = (rows: readonly [string | null, string][]) =>
  reader.read(Buffer.from(JSON.stringify(rows.map(([id, name]) => ({ id, name })))), { items: [] });
const terms = (name: string, hasKey = true) => ({ dataFolder, name, hasKey });

async function finished(spool: Spool): Promise<string> {
  const { location, sizeBytes, sha256 } = await spool.finish();
  const bytes = await readFile(join(dataFolder, location));
  expect(bytes.length).toBe(sizeBytes);
  expect(createHash("sha256").update(bytes).digest()).toEqual(sha256);
  return bytes.toString();
}

test("rows stand in the order in which they came; of a key that comes again the later row, the same content once", async () => {
  const spool = await beginSpool(terms("1"), header);
  expect(
    await spool.take(
      pageOf([
        ["1", "a"],
        ["2", "b"],
        ["3", "c"],
      ]),
    ),
  ).toEqual({ fresh: 3, duplicates: [] });
  const second = await spool.take(
    pageOf([
      ["2", "b"],
      ["4", "d"],
      ["3", "x\ny"],
      ["5", "e"],
      ["5", "f"],
    ]),
  );
  expect(second).toEqual({
    fresh: 2,
    duplicates: [
      { item: 0, same: true },
      { item: 2, same: false },
      { item: 4, same: false },
    ],
  });
  expect(await finished(spool)).toBe('id,name\n1,a\n2,b\n4,d\n3,"x\ny"\n5,f\n');
});

test("items without a key are each their own: the check tells of them", async () => {
  const spool = await beginSpool(terms("2"), header);
  const taken = await spool.take(
    pageOf([
      [null, "a"],
      [null, "b"],
      [null, "b"],
    ]),
  );
  expect(taken).toEqual({ fresh: 3, duplicates: [] });
  expect(await finished(spool)).toBe("id,name\n,a\n,b\n,b\n");
});

test.each([true, false])(
  "a spool is gone on with from where it was kept, in files of its own (keys: %s)",
  async (hasKey) => {
    const name = `3${hasKey}`;
    const first = await beginSpool(terms(`${name}-1`, hasKey), header);
    await first.take(
      pageOf([
        ["1", "a"],
        ["2", "b"],
        ["1", "A"],
      ]),
    );
    await first.sync();
    const kept = { location: first.location, sizeBytes: first.sizeBytes };
    // What came after that does not count, nor what a worker writes that was frozen meanwhile.
    await first.take(pageOf([["9", "z"]]));
    const second = await resumeSpool(terms(`${name}-2`, hasKey), kept);
    await appendFile(join(dataFolder, kept.location), "8,late\n");
    expect(
      await second!.take(
        pageOf([
          ["2", "b"],
          ["9", "y"],
        ]),
      ),
    ).toMatchObject({ fresh: hasKey ? 1 : 2 });
    expect(await finished(second!)).toBe(hasKey ? "id,name\n2,b\n1,A\n9,y\n" : "id,name\n1,a\n2,b\n1,A\n2,b\n9,y\n");
    await first.close();
  },
);

test("a spool that is not there, or not whole, is not gone on with; what is removed leaves nothing", async () => {
  const spool = await beginSpool(terms("4"), header);
  const sizeBytes = spool.sizeBytes;
  expect(await resumeSpool(terms("4-2"), { location: "pulls/none.csv", sizeBytes })).toBeUndefined();
  expect(await resumeSpool(terms("4-3"), { location: spool.location, sizeBytes: sizeBytes + 1 })).toBeUndefined();
  await spool.remove();
  for (const name of ["4-2", "4-3"]) await removeSpool(dataFolder, `pulls/${name}.csv`);
  expect((await readdir(join(dataFolder, "pulls"))).filter((name) => name.startsWith("4"))).toEqual([]);
});

test("a hundred thousand keys are told apart, across blocks and growth", () => {
  const seen = new SeenKeys();
  let state = 1;
  const word = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state ^ (state >>> 15);
  };
  const hashes = Array.from({ length: 100_000 }, () => Uint32Array.of(word(), word(), word(), word()));
  let wrong = 0;
  for (const [n, each] of hashes.entries()) {
    if (seen.find(each, 0) !== -1) wrong += 1;
    seen.add(each, 0, n * 10);
  }
  for (const [n, each] of hashes.entries()) if (seen.find(each, 0) !== n) wrong += 1;
  expect(wrong).toBe(0);
  expect([seen.count, seen.startOf(70_000)]).toEqual([100_000, 700_000]);
  seen.add(hashes[5]!, 0, 2_000_000);
  expect(seen.find(hashes[5]!, 0)).toBe(100_000);
});
