import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildTable, checkAll } from "../check/check-all.test-kit.ts";
import { encodeText } from "../scan/encoding.ts";
import { memorySource } from "../scan/source.ts";
import type { AddedColumns } from "./added-columns.ts";
import { withColumns } from "./with-columns.ts";

const table = buildTable({
  columns: [{ name: "id", type: "integer", required: true }, { name: "name" }],
  invalid: { policy: "skip" },
});

/** Two columns: `T` and the record's number in three digits; `L` and the same in two. */
const tokens: AddedColumns = {
  labels: ["thumbnail_1", "landingPage"],
  widths: [4, 3],
  fill(records, target) {
    records.forEach((record, i) => {
      target.write(`T${String(record).padStart(3, "0")}L${String(record % 100).padStart(2, "0")}`, i * 7, "latin1");
    });
  },
};

async function result(input: string | Buffer, added: AddedColumns = tokens): Promise<Buffer> {
  const bytes = Buffer.from(input);
  const { report, rejectedBytes } = await checkAll(bytes, table);
  if (report.scan === null) throw new Error(`not readable: ${report.reason?.code}`);
  const chunks: Buffer[] = [];
  const source = memorySource(bytes);
  for await (const chunk of withColumns({ source, plan: report.scan, rejected: rejectedBytes, added }))
    chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

describe("the client's own bytes with columns added", () => {
  it.each<[string, string, string]>([
    ["LF", "id,name\n1,a\n", "id,name,thumbnail_1,landingPage\n1,a,T001,L01\n"],
    [
      "CRLF, last line without end",
      "id;name\r\n1;a\r\n2;b",
      "id;name;thumbnail_1;landingPage\r\n1;a;T001;L01\r\n2;b;T002;L02",
    ],
    ["lone CR", "id|name\r1|a\r", "id|name|thumbnail_1|landingPage\r1|a|T001|L01\r"],
    ["mixed ends", "id,name\r\n1,a\n2,b\r", "id,name,thumbnail_1,landingPage\r\n1,a,T001,L01\n2,b,T002,L02\r"],
    ["a byte-order mark", "\ufeffid\tname\n1\ta\n", "\ufeffid\tname\tthumbnail_1\tlandingPage\n1\ta\tT001\tL01\n"],
    [
      "title lines, blank lines, odd spacing",
      "Export\n\nid, name \n\n1, a\n\n\n2,b\n\n",
      "Export\n\nid, name ,thumbnail_1,landingPage\n\n1, a,T001,L01\n\n\n2,b,T002,L02\n\n",
    ],
    [
      "rejected records left out, numbers kept",
      'id,name\nx,a\n2,"b\nc"\n3,"open\n4,d\ny,e',
      'id,name,thumbnail_1,landingPage\n2,"b\nc",T002,L02\n4,d,T004,L04\n',
    ],
    [
      "quotes round every cell",
      '"id","name"\n"1","a ""b"""\n',
      '"id","name","thumbnail_1","landingPage"\n"1","a ""b""","T001","L01"\n',
    ],
    [
      "single quotes round every cell",
      "'id','name'\n'1','a'\n",
      "'id','name','thumbnail_1','landingPage'\n'1','a','T001','L01'\n",
    ],
  ])("%s", async (_, input, expected) => {
    expect((await result(input)).toString()).toBe(expected);
  });

  it("keeps Windows-1252 as it came", async () => {
    const bytes = encodeText("id,name\n1,Zoë €\n", "windows-1252")!;
    expect(await result(bytes)).toEqual(
      encodeText("id,name,thumbnail_1,landingPage\n1,Zoë €,T001,L01\n", "windows-1252"),
    );
  });

  it("leaves the new cells of withheld records empty", async () => {
    const added: AddedColumns = {
      ...tokens,
      async fill(records, target, withheld) {
        withheld.set([1], 1);
        await tokens.fill(records, target, withheld);
      },
    };
    expect((await result("id,name\n1,a\n2,b\n3,c\n", added)).toString()).toBe(
      "id,name,thumbnail_1,landingPage\n1,a,T001,L01\n2,b,,\n3,c,T003,L03\n",
    );
  });

  it("quotes cells and labels that hold the delimiter", async () => {
    const added: AddedColumns = {
      labels: ["a,b"],
      widths: [3],
      fill: (records, target) => void target.write("x,y".repeat(records.length)),
    };
    expect((await result("id,name\n1,a\n", added)).toString()).toBe('id,name,"a,b"\n1,a,"x,y"\n');
  });

  it("gives the file back when the added columns are taken away and nothing was rejected", async () => {
    const name = fc
      .array(fc.constantFrom('"', ",", "\n", "\r\n", "é", "a", "b c", ";", "\\", "\t"), { maxLength: 6 })
      .map((parts) => parts.join(""));
    const dialect = fc.record({
      delimiter: fc.constantFrom(",", ";", "|", "\t"),
      end: fc.constantFrom("\n", "\r\n", "\r"),
      blank: fc.boolean(),
      ends: fc.boolean(),
      bom: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(name, { minLength: 1, maxLength: 15 }), dialect, async (names, d) => {
        const lines = names.map((text, i) => `${i + 1}${d.delimiter}"${text.replaceAll('"', '""')}"`);
        const rows = [`id${d.delimiter}name`, ...lines].join(d.blank ? d.end + d.end : d.end);
        const text = (d.bom ? "\ufeff" : "") + rows + (d.ends ? d.end : "");
        const written = (await result(text)).toString();
        expect(written.split(/[,;|\t]T\d{3}/)).toHaveLength(names.length + 1);
        expect(written.replaceAll(/[,;|\t]T\d{3}[,;|\t]L\d\d|[,;|\t]thumbnail_1[,;|\t]landingPage/g, "")).toBe(text);
      }),
      { numRuns: 400 },
    );
  });

  it("leaves an over-long record out to its last byte, and keeps the blank line after it", async () => {
    for (const end of ["\n", "\r\n", "\r"]) {
      const lines = ["id,name", "1,a", `2,${"x".repeat(3_000_000)}`, "", `3,"${"y".repeat(2_000_000)}`, "4,b", ""];
      expect((await result(lines.join(end))).toString()).toBe(
        ["id,name,thumbnail_1,landingPage", "1,a,T001,L01", "", "4,b,T004,L04", ""].join(end),
      );
    }
  });

  it("leaves exactly the rejected records out, over many blocks", async () => {
    const lines = Array.from({ length: 60_000 }, (_, i) => (i % 7 === 3 ? `x${i},bad` : `${i},"name ${i}"`));
    const written = (
      await result(`id,name\n${lines.join("\n")}\n`, { ...tokens, widths: [0, 0], fill: () => {} })
    ).toString();
    const kept = lines.filter((line) => !line.startsWith("x")).map((line) => `${line},,`);
    expect(written).toBe(`id,name,thumbnail_1,landingPage\n${kept.join("\n")}\n`);
  });
});
