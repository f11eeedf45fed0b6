import { describe, expect, test } from "vitest";
import { csvCells } from "./csv-cells.ts";
import { openItemReader } from "./item-reader.ts";
import { cellText, meaningOf, parseWritten, valueAt } from "./oracle.test-kit.ts";

const read = (json: string | Buffer, cells: string[][], more: Partial<Parameters<typeof openItemReader>[0]> = {}) =>
  openItemReader({ cells, ...more }).read(Buffer.from(json as string), { items: [] });

const lines = (json: string, ...cells: string[][]) => read(json, cells).rows.toString();

describe("a page's items as CSV", () => {
  test.each([
    ["text", '[{"a":"x"}]', "x\n"],
    ["a comma asks for quotes", '[{"a":"x, y"}]', '"x, y"\n'],
    [
      "a comma in any of the bytes",
      '[{"a":"abcdefg,"},{"a":",bcdefgh"},{"a":"abcd,fgh"}]',
      '"abcdefg,"\n",bcdefgh"\n"abcd,fgh"\n',
    ],
    ["a comma after the text does not", '[{"a":"abc","b":","}]', "abc\n"],
    ["quotes are doubled", '[{"a":"2\\" pipe"}]', '"2"" pipe"\n'],
    ["line breaks stay, in quotes", '[{"a":"x\\r\\ny"},{"a":"\\n"}]', '"x\r\ny"\n"\n"\n'],
    ["other escapes need no quotes", '[{"a":"\\/\\u00e9\\u20AC\\t\\\\"}]', "/é€\t\\\n"],
    ["pairs of surrogates are one character", '[{"a":"\\ud83d\\uDE00"}]', "😀\n"],
    ["null, nothing and no text are the same", '[{"a":null},{},{"a":""}]', '""\n""\n""\n'],
    ["true and false", '[{"a":true},{"a":false}]', "true\nfalse\n"],
    [
      "64 bits and more",
      '[{"a":9223372036854775807},{"a":123456789012345678901234567890.10}]',
      "9223372036854775807\n123456789012345678901234567890.10\n",
    ],
    ["a zero below zero", '[{"a":-0},{"a":-0.0}]', "-0\n-0.0\n"],
    [
      "exponents are written out",
      '[{"a":1e3},{"a":-1.25E-2},{"a":1.50e1},{"a":0e9},{"a":12E+0}]',
      "1000\n-0.0125\n15.0\n0\n12\n",
    ],
    ["but not without end", '[{"a":1e400},{"a":1e999999999}]', `1${"0".repeat(400)}\n1e999999999\n`],
    ["lists and objects are JSON", '[{"a":[1, {"b" : "x y\\n"}]},{"a": { } }]', '"[1,{""b"":""x y\\n""}]"\n{}\n'],
    ["the last of the same name counts", '[{"a":1,"a":2},{"a":1,"a":null}]', '2\n""\n'],
    ["names are what they mean", '[{"\\u0061":1}]', "1\n"],
  ])("%s", (_what, json, rows) => {
    expect(lines(json, ["a"])).toBe(rows);
  });

  test("a lone cell of nothing but blanks makes no blank line", () => {
    expect(lines('[{"a":" \\t "},{"a":" x"},{"a":""}]', ["a"])).toBe('" \t "\n x\n""\n');
    expect(lines('[{"a":" "}]', ["a"], ["b"])).toBe(" ,\n");
  });

  test("values lie deeper, in lists, under odd names; one may be asked for twice", () => {
    const json = '[{"a":{"b.c":{"d":1},"x":2},"l":[5,{"z":6}],"":7,"__proto__":8,"constructor":9}]';
    const cells = [
      ["a", "b.c", "d"],
      ["a", "x"],
      ["l", "1", "z"],
      [""],
      ["__proto__"],
      ["constructor"],
      ["toString"],
      ["a", "x"],
      ["l"],
    ];
    expect(lines(json, ...cells)).toBe('1,2,6,7,8,9,,2,"[5,{""z"":6}]"\n');
  });

  test("an object that comes twice brings nothing of the first", () => {
    expect(lines('[{"a":{"b":1,"c":2},"a":{"c":3}},{"a":{"b":1},"a":5}]', ["a", "b"], ["a", "c"])).toBe(",3\n,\n");
  });

  test("items may be lists", () => {
    expect(lines('[["A1",5],["A2",null]]', ["0"], ["1"])).toBe("A1,5\nA2,\n");
  });

  test("optional names, another order and another layout are read as well", () => {
    const json =
      '[{"a":1,"b":2,"c":3},{"a":4,"c":6},{"c":9,"b":8,"a":7},{ "a" : 10 ,"b": 11 , "c" :12 },{"a":13,"b":14,"c":15}]';
    expect(lines(json, ["a"], ["b"], ["c"])).toBe("1,2,3\n4,,6\n7,8,9\n10,11,12\n13,14,15\n");
  });

  test("names that begin alike are told apart", () => {
    expect(
      lines('[{"abc":1},{"abcd":2},{"abc":3,"abcdefg":4},{"abc":5,"abcdef":6}]', ["abc"], ["abcd"], ["abcdef"]),
    ).toBe("1,,\n,2,\n3,,\n5,,6\n");
  });

  test("half a surrogate pair has no bytes, is replaced and counted", () => {
    const page = read('[{"a":"x\\ud800"},{"a":"\\udc00\\ud83d\\u0041"}]', [["a"]]);
    expect(page.rows.toString()).toBe("x\ufffd\n\ufffd\ufffdA\n");
    expect(page.replacedCharacters).toBe(3);
  });

  test("a long page outgrows the memory it begins with, in every kind of cell", () => {
    const long = "ab,c".repeat(50_000);
    const items = [
      { a: long, b: '"'.repeat(300_000) },
      { a: [long], b: 1 },
      { a: 1e300, b: "é".repeat(200_000) },
    ];
    const page = read(JSON.stringify(items), [["a"], ["b"]]);
    const found = items.map((_, i) => csvCells(page.rows, i === 0 ? 0 : page.rowEnds[i - 1]!, page.rowEnds[i]! - 1));
    expect(found).toEqual([
      [long, '"'.repeat(300_000)],
      [JSON.stringify([long]), "1"],
      [`1${"0".repeat(300)}`, "é".repeat(200_000)],
    ]);
  });
});

describe("what lies beside the items", () => {
  const reader = openItemReader({ cells: [["id"]], key: [0] });
  const places = {
    items: ["data", "list"],
    beside: { next: ["paging", "next"], count: ["@count"], more: ["more"], none: ["data", "nothing"] },
    ofLast: { id: ["id"], name: ["n", "x"] },
  };

  test("values beside the items and of the last one, before and after them", () => {
    const body = `\ufeff {"@count":12e1,"data":{"list":[{"id":1,"n":{"x":"a"}},{"id":2,"n":{"x":"\\u0062"}}]},"paging":{"next":"/p?x=\\u0026"},"more":true}\n`;
    const page = reader.read(Buffer.from(body), places);
    expect(page).toMatchObject({
      itemCount: 2,
      beside: { next: "/p?x=&", count: "120", more: "true", none: null },
      ofLast: { id: "2", name: "b" },
    });
  });

  test("nothing of the page before stays", () => {
    reader.read(Buffer.from('{"paging":{"next":"x"},"data":{"list":[{"id":1}]}}'), places);
    const page = reader.read(Buffer.from('{"data":{"list":[]}}'), places);
    expect(page).toMatchObject({ itemCount: 0, beside: { next: null }, ofLast: { id: null, name: null } });
    expect(page.rows).toHaveLength(0);
    expect(page.keyHashes).toHaveLength(0);
  });

  test("of a list that comes twice the last one counts; null is an empty one", () => {
    expect(
      reader.read(Buffer.from('{"data":{"list":[{"id":1},{"id":2}],"list":[{"id":3}]}}'), places).rows.toString(),
    ).toBe("3\n");
    expect(reader.read(Buffer.from('{"data":{"list":null}}'), places).itemCount).toBe(0);
  });

  test.each([
    ["{}", "has no list at data.list"],
    ['{"data":[]}', "has no list at data.list"],
    ['{"data":{"list":{}}}', "has no list at data.list"],
    ['{"data":{"list":[1]},"data":5}', "item 1 of the list is no object"],
    ['{"data":{"list":[{"id":1},null]}}', "item 2 of the list is no object"],
    ['{"data":{"list":[{"id":1}]},"data":5}', "has no list at data.list"],
  ])("%s %s", (body, message) => {
    expect(() => reader.read(Buffer.from(body), places)).toThrow(message);
  });
});

describe("keys and cursors", () => {
  test("keys have a hash by their text, whatever their type, and can be told", () => {
    const page = read(
      '[{"a":1,"b":"x"},{"b":"x","a":"1"},{"a":"1x","b":""},{"a":1,"b":"y, z"}]',
      [["a"], ["c"], ["b"]],
      { key: [0, 2] },
    );
    const hash = (item: number) => page.keyHashes.slice(item * 4, item * 4 + 4).join();
    expect(hash(0)).toBe(hash(1));
    expect(new Set([0, 2, 3].map(hash)).size).toBe(3);
    expect([0, 1, 2, 3].map((item) => page.keyOf(item))).toEqual([
      ["1", "x"],
      ["1", "x"],
      ["1x", ""],
      ["1", "y, z"],
    ]);
  });

  test("the hashes of many like keys differ, also in any half of their bits", () => {
    const items = Array.from({ length: 60_000 }, (_, i) => ({ a: i % 2 ? `A${i}` : i, b: "x".repeat(i % 40) }));
    const page = read(JSON.stringify(items), [["a"], ["b"]], { key: [0, 1] });
    const all = Array.from({ length: items.length }, (_, i) => page.keyHashes.slice(i * 4, i * 4 + 4));
    for (const [from, to] of [
      [0, 2],
      [2, 4],
      [1, 3],
    ])
      expect(new Set(all.map((each) => each.slice(from, to).join())).size).toBe(items.length);
  });

  // MurmurHash3's own test value: 2f1583c3ecee2c675d7bf66ce5e91d2c.
  test("they are the same in every process", () => {
    const page = read('[{"a":"The quick brown fox jumps over the lazy dog"}]', [["a"]], { key: [0] });
    expect(page.keyHashes.join()).toBe("789939139,3975031911,1568405100,3857259820");
  });

  test.each([
    ["time", ["2026-01-02T03:04:05Z", "2026-11-02T03:04:05Z", "2026-10-31T23:59:59Z"], 1],
    ["time", ["2026-01-02T03:04:05.123456Z", "2026-01-02T03:04:05.123457Z", "2026-01-02T03:04:05.123455Z"], 1],
    ["time", ["2026-01-02T03:04:05+02:00", "2026-01-02T01:04:06Z", "2026-01-02T02:00:00+01:00"], 1],
    ["time", ["2026-01-02T03:04:05+02:00", "2026-01-02T01:04:06-05:00", "2026-01-02T09:04:06+05:00"], 1],
    ["time", ["2026-01-02", "2026-01-03", "2026-01-01T23:00:00"], 1],
    ["time", ["2026-01-02T00:00:00-05:00", "2026-01-02 04:59", null, ""], 0],
    ["time", ["/Date(1763712000000)/", "\\/Date(1763712000001)\\/", "/Date(99)/"], 1],
    ["time", [1763712000, 1763712001, 1763711999], 1],
    ["key", [9, 10, 8], 1],
    ["key", ["9223372036854775806", "9223372036854775807", "99"], 1],
    ["key", ["A9", "B1", "A99"], 1],
  ] as const)("the greatest %s of %j", (kind, values, greatest) => {
    const json = JSON.stringify(values.map((at) => ({ at }))).replaceAll("\\\\/", "\\/");
    const page = read(json, [["x"]], { by: { path: ["at"], kind } });
    expect(page.greatestBy()).toBe(String(values[greatest]).replaceAll("\\/", "/"));
  });

  test("without any there is none; what is no time is said when it is asked for", () => {
    expect(read('[{"x":1}]', [["x"]], { by: { path: ["at"], kind: "time" } }).greatestBy()).toBeNull();
    const page = read('[{"at":"yesterday"},{"at":"2026-01-01"}]', [["at"]], { by: { path: ["at"], kind: "time" } });
    expect(page.rows.toString()).toBe("yesterday\n2026-01-01\n");
    expect(() => page.greatestBy()).toThrow("incremental.by");
    const key = read('[{"at":"a\\u0000b"}]', [["at"]], { by: { path: ["at"], kind: "key" } });
    expect(() => key.greatestBy()).toThrow("incremental.by");
  });
});

describe("broken answers", () => {
  test.each([
    ["", "the answer is empty", 0],
    ["  ", "the answer is empty", 2],
    ['[{"a":1}', "cut off at byte 8", 8],
    ['[{"a":"x', "cut off at byte 8", 8],
    ['[{"a":"x\\', "cut off at byte 9", 9],
    ['[{"a":tru', "cut off at byte 9", 9],
    ['[{"a":-', "cut off at byte 7", 7],
    ['[{"a":1}] x', "something follows after its end", 10],
    ['[{"a":1},]', "a value should be there", 9],
    ['[{"a":1,}]', "a name in quotes should be there", 8],
    ['[{"a" 1}]', "a colon should be there", 6],
    ['[{"a":01}]', "a comma or } should be there", 7],
    ['[{"a":1.}]', "a digit should be there", 8],
    ['[{"a":"\t"}]', "a control character stands in a text", 7],
    ['[{"a":"\\x"}]', "a backslash stands before what it cannot stand before", 8],
    ['[{"a":"\\u12g4"}]', "four hexadecimal digits", 11],
    ["<html>", "a value should be there", 0],
  ])("%s: %s", (json, message, offset) => {
    expect(() => read(json, [["a"]])).toThrow(message);
    try {
      read(json, [["a"]]);
    } catch (error) {
      expect(error).toMatchObject({ code: "system_answer_broken", retryable: true, offset });
    }
  });

  test("bytes that are no UTF-8, and a character that is cut in two", () => {
    expect(() => read(Buffer.from([...Buffer.from('[{"a":"'), 0xe9, ...Buffer.from('abc"}]')]), [["a"]])).toThrow(
      "not in UTF-8 at byte 7",
    );
    expect(() => read(Buffer.from('[{"a":"é').subarray(0, 8), [["a"]])).toThrow("cut off at byte 7");
  });

  test("what is nested without end is refused, and not run into", () => {
    expect(() => read("[".repeat(1_000_000), [["a"]])).toThrow("more than 256 levels deep");
    expect(() => read(`[{"a":${'{"a":'.repeat(1_000_000)}`, [["a", "a"]])).toThrow("more than 256 levels deep");
    expect(lines(`[{"a":${"[".repeat(254)}${"]".repeat(254)}}]`, ["a"])).toHaveLength(509);
  });

  test("the message does not repeat what the answer holds", () => {
    expect(() => read('[{"password":"hush" "x"}]', [["a"]])).toThrow(/^(?!.*hush)/);
  });
});

describe("against JSON.parse", () => {
  const random = seeded(20261121);
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)]!;
  const names = [
    "a",
    "b",
    "name",
    "c,d",
    'q"',
    "é",
    "__proto__",
    "hasOwnProperty",
    "0",
    "",
    "Item Code",
    "long_name_of_a_field",
  ];
  const blanks = ["", "", "", " ", "\n  ", "\t"];
  const texts = [
    "",
    "x",
    "abc",
    "four",
    "a,b",
    '\\"',
    "\\n",
    "é",
    "€uro",
    "\\ud83d\\ude00",
    "\\ud83d",
    "\\udc00x",
    "\\u0000",
    "\\/",
    "\\\\",
    "😀",
    "a longer text, with a comma",
    "\\u002c",
  ];
  const numbers = [
    "0",
    "-0",
    "1",
    "-12",
    "3.14",
    "9007199254740993",
    "9223372036854775807",
    "1e5",
    "1E-5",
    "-2.50e+1",
    "1e400",
    "0.1e1",
    "0e0",
  ];

  function value(depth: number): string {
    const kind = random();
    if (kind < 0.35) return `"${Array.from({ length: Math.floor(random() * 4) }, () => pick(texts)).join("")}"`;
    if (kind < 0.6) return pick(numbers);
    if (kind < 0.75 || depth > 4) return pick(["true", "false", "null"]);
    const blank = () => pick(blanks);
    if (kind < 0.85) {
      return `[${blank()}${Array.from({ length: Math.floor(random() * 4) }, () => value(depth + 1)).join(`${blank()},${blank()}`)}${blank()}]`;
    }
    return object(depth + 1);
  }

  function object(depth: number): string {
    const blank = pick(blanks);
    const chosen = names.filter(() => random() < 0.6);
    if (random() < 0.2) chosen.push(pick(names));
    if (random() < 0.1) chosen.reverse();
    const members = chosen.map((name) => `${JSON.stringify(name)}${blank}:${blank}${value(depth)}`);
    return `{${blank}${members.join(`${blank},${blank}`)}${blank}}`;
  }

  const cells = [
    ["a"],
    ["b"],
    ["c,d"],
    ["name", "a"],
    ["name", "0"],
    ["é"],
    ["__proto__"],
    ["__proto__", "a"],
    ["hasOwnProperty"],
    ["b", "0", "a"],
    [""],
    ["0"],
    ["long_name_of_a_field"],
    ["a"],
  ];
  const reader = openItemReader({ cells });
  const places = {
    items: ["list"],
    beside: { a: ["a"], deep: ["b", "name"] },
    ofLast: { name: ["name"], deep: ["0", "1"] },
  };

  /** A nested cell's bytes are the answer's own; what they mean is compared. */
  const asCompared = (text: string) => (/^[[{]/.test(text) ? meaningOf(parseWritten(text)) : text);

  test("the same values, of items made by chance", () => {
    for (let round = 0; round < 400; round += 1) {
      const items = Array.from({ length: Math.floor(random() * 6) }, () => object(0));
      const json = `{"a":${value(2)},"list":[${items.join(`${pick(blanks)},${pick(blanks)}`)}],"b":${value(2)}}`;
      const parsed = parseWritten(json) as { list: unknown[] };
      const page = reader.read(Buffer.from(json), places);
      expect(page.itemCount).toBe(parsed.list.length);
      const found = parsed.list.map((_, i) =>
        csvCells(page.rows, i === 0 ? 0 : page.rowEnds[i - 1]!, page.rowEnds[i]! - 1),
      );
      const expected = parsed.list.map((item) => cells.map((path) => cellText(valueAt(item, path))));
      expect(
        found.map((row) => row.map(asCompared)),
        json,
      ).toEqual(expected);
      const last = parsed.list.at(-1);
      const text = (from: unknown, path: string[]) =>
        (valueAt(from, path) ?? null) === null ? null : cellText(valueAt(from, path));
      const { beside, ofLast } = page;
      const compared = [beside.a, beside.deep, ofLast.name, ofLast.deep].map((each) =>
        (each ?? null) === null ? null : asCompared(each!),
      );
      expect(compared).toEqual([
        text(parsed, ["a"]),
        text(parsed, ["b", "name"]),
        text(last, ["name"]),
        text(last, ["0", "1"]),
      ]);
    }
  });

  test("the same judgement, of bytes changed by chance", () => {
    const marks = Buffer.from('{}[]",:\\/u0123456789.eE+-truefalsn \n\t\u0001');
    let refused = 0;
    for (let round = 0; round < 3_000; round += 1) {
      const bytes = Buffer.from(`[${object(1)},${object(1)}]`);
      for (let change = 0; change < 1 + (round % 3); change += 1)
        bytes[Math.floor(random() * bytes.length)] = pick([...marks]);
      const cut = random() < 0.2 ? bytes.subarray(0, Math.floor(random() * bytes.length)) : bytes;
      const text = cut.toString("utf8");
      // Both judge text; halves of characters are looked at by themselves.
      if (text.includes("\ufffd")) continue;
      const isJson = accepts(() => parseWritten(text));
      const isRead = accepts(() => reader.read(Buffer.from(`{"list":[{"a":${text}}]}`), places));
      // What is no JSON alone may be some within other brackets.
      const isJsonWithin = accepts(() => parseWritten(`{"list":[{"a":${text}}]}`));
      expect(isRead || (isJsonWithin && !isItems(text)), text).toBe(isJsonWithin);
      if (!isJson) refused += 1;
    }
    expect(refused).toBeGreaterThan(1_000);
  });

  const isItems = (text: string) => {
    const { list } = parseWritten(`{"list":[{"a":${text}}]}`) as { list?: unknown };
    return Array.isArray(list) && list.every((item) => typeof item === "object" && item !== null);
  };
});

function accepts(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

/** Numbers from 0 to 1 that are the same in each run (Mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
