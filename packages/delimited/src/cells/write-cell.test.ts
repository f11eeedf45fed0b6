import { type Column, columnSchema } from "@inlet/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unescapeCell } from "../canonical/canonical.ts";
import { cellFaultCode } from "./cell-fault.ts";
import { ColumnPlan } from "./column-plan.ts";
import { FORM_ESCAPES, FORM_UTF8, FORM_WINDOWS_1252, mostCanonicalBytes, writeCell } from "./write-cell.ts";

type ColumnInput = Partial<Column> & Pick<Column, "type">;
const planOf = (column: ColumnInput, inKey = false) =>
  new ColumnPlan(columnSchema.parse({ name: "c", ...column }), 0, inKey);

/** The canonical text of a cell, or its issue code in angle brackets. */
function written(column: ColumnInput, cell: string | Buffer, form = FORM_UTF8 | FORM_ESCAPES): string {
  const bytes = Buffer.from(cell);
  const out = Buffer.alloc(mostCanonicalBytes(bytes.length));
  const end = writeCell(planOf(column), bytes, 0, bytes.length, form, out, 0);
  return end < 0 ? `<${cellFaultCode(end)}>` : out.toString("utf8", 0, end);
}

describe("cells of each type", () => {
  const cases: [ColumnInput, Record<string, string>][] = [
    [
      { type: "string" },
      {
        "": "\\N",
        plain: "plain",
        "a\\b": "a\\\\b",
        "\\N": "\\\\N",
        "\\.": "\\\\.",
        "a\tb\nc\rd": "a\\tb\\nc\\rd",
        "\u0001 \u007f é € 😀": "\u0001 \u007f é € 😀",
        "  ": "  ",
      },
    ],
    [
      { type: "string", required: true },
      { "": "<value_missing>", "  ": "<value_missing>", x: "x" },
    ],
    [
      { type: "string", minLength: 2, maxLength: 3 },
      { a: "<too_short>", é: "<too_short>", éé: "éé", "😀😀😀": "😀😀😀", abcd: "<too_long>" },
    ],
    [
      { type: "string", pattern: "[A-Z]{2}-\\d+" },
      { "AB-1": "AB-1", "AB-": "<pattern_mismatch>", "xAB-1": "<pattern_mismatch>", "AB-1\n": "<pattern_mismatch>" },
    ],
    [
      { type: "string", pattern: "a|bc" },
      { a: "a", bc: "bc", ac: "<pattern_mismatch>" },
    ],
    [
      { type: "integer" },
      {
        "0": "0",
        "-0": "0",
        "+5": "5",
        "007": "7",
        "-12": "-12",
        "9223372036854775807": "9223372036854775807",
        "-9223372036854775808": "-9223372036854775808",
        "0000000000000000000000009": "9",
        "9223372036854775808": "<number_out_of_range>",
        "-9223372036854775809": "<number_out_of_range>",
        "99999999999999999999999999": "<number_out_of_range>",
        "1e5": "<not_an_integer>",
        "1.0": "<not_an_integer>",
        "1,000": "<not_an_integer>",
        " 1": "<not_an_integer>",
        "-": "<not_an_integer>",
        "+": "<not_an_integer>",
        "--1": "<not_an_integer>",
        "0x1F": "<not_an_integer>",
        "١": "<not_an_integer>",
      },
    ],
    [
      { type: "integer", min: -5, max: "9007199254740993" },
      {
        "-5": "-5",
        "-6": "<too_small>",
        "9007199254740993": "9007199254740993",
        "9007199254740992": "9007199254740992",
        "9007199254740994": "<too_large>",
      },
    ],
    [
      { type: "decimal" },
      {
        "1.50": "1.50",
        "+1.5": "1.5",
        "-0.00": "0.00",
        "-0": "0",
        ".5": "0.5",
        "-.5": "-0.5",
        "5.": "5",
        "00012.3": "12.3",
        "123456789012345678901234567890.123456789": "123456789012345678901234567890.123456789",
        "1e5": "<not_a_decimal>",
        NaN: "<not_a_decimal>",
        Infinity: "<not_a_decimal>",
        "1,5": "<not_a_decimal>",
        "1.2.3": "<not_a_decimal>",
        ".": "<not_a_decimal>",
        "-.": "<not_a_decimal>",
        "-": "<not_a_decimal>",
      },
    ],
    [
      { type: "decimal", precision: 5, scale: 2 },
      {
        "999.99": "999.99",
        "1.5": "1.5",
        "1.500": "1.50",
        "1.505": "<too_many_decimals>",
        "1000": "<too_many_digits>",
        "0001.0000": "1.00",
      },
    ],
    [
      { type: "decimal", precision: 3 },
      { "999": "999", "1.0": "1", "-0.0": "0", "1.5": "<too_many_decimals>", "1000": "<too_many_digits>" },
    ],
    [
      { type: "decimal", decimalSeparator: ",", min: "0.1", max: 2 },
      {
        "1,5": "1.5",
        "1.5": "<not_a_decimal>",
        "0,1": "0.1",
        "0,0999999999999999999999": "<too_small>",
        "2,0": "2.0",
        "2,0000000000000000000001": "<too_large>",
      },
    ],
    [
      { type: "boolean" },
      {
        true: "t",
        TRUE: "t",
        Y: "t",
        "1": "t",
        no: "f",
        F: "f",
        "0": "f",
        "2": "<not_a_boolean>",
        ja: "<not_a_boolean>",
      },
    ],
    [
      { type: "boolean", trueValues: ["Sí"], falseValues: ["No"] },
      { SÍ: "t", sí: "t", no: "f", si: "<not_a_boolean>" },
    ],
    [
      { type: "date" },
      {
        "2026-11-20": "2026-11-20",
        "2024-02-29": "2024-02-29",
        "0001-01-01": "0001-01-01",
        "9999-12-31": "9999-12-31",
        "2023-02-29": "<not_a_date>",
        "1900-02-29": "<not_a_date>",
        "2000-02-29": "2000-02-29",
        "2026-02-30": "<not_a_date>",
        "2026-04-31": "<not_a_date>",
        "0000-01-01": "<not_a_date>",
        "2026-00-10": "<not_a_date>",
        "2026-13-10": "<not_a_date>",
        "2026-1-1": "<not_a_date>",
        "2026-11-20 ": "<not_a_date>",
        "20.11.2026": "<not_a_date>",
      },
    ],
    [
      { type: "date", format: "d.M.yy", min: "2000-01-01", max: "2026-11-20" },
      { "1.2.26": "2026-02-01", "20.11.2026": "<not_a_date>", "31.12.99": "<too_small>", "21.11.26": "<too_large>" },
    ],
    [
      { type: "date", format: "dd MMM yyyy" },
      { "01 Feb 2026": "2026-02-01", "01 FEB 2026": "2026-02-01", "01 Fev 2026": "<not_a_date>" },
    ],
    [
      { type: "timestamp" },
      {
        "2026-11-20T09:00:00Z": "2026-11-20 09:00:00+00",
        "2026-11-20 09:00": "2026-11-20 09:00:00+00",
        "2026-11-20T09:00:00.120": "2026-11-20 09:00:00.12+00",
        "2026-11-20T09:00:00,1234567Z": "2026-11-20 09:00:00.123456+00",
        "2026-11-20T00:30:00+02:00": "2026-11-19 22:30:00+00",
        "2026-12-31T23:30:00-0100": "2027-01-01 00:30:00+00",
        "2026-11-20T09:00:00+05": "2026-11-20 04:00:00+00",
        "0001-01-01T00:00:00+01:00": "<not_a_timestamp>",
        "9999-12-31T23:59:59-01:00": "<not_a_timestamp>",
        "2026-11-20T24:00:00Z": "<not_a_timestamp>",
        "2026-11-20T23:59:60Z": "<not_a_timestamp>",
        "2026-11-20T09:00:00+": "<not_a_timestamp>",
        "2026-11-20T09:00:00+99:00": "<not_a_timestamp>",
        "2026-11-20T09:00:00.Z": "<not_a_timestamp>",
        "2026-11-20": "<not_a_timestamp>",
      },
    ],
    [
      { type: "timestamp", format: "dd.MM.yyyy HH:mm", timezone: "Europe/Berlin" },
      {
        "20.11.2026 09:00": "2026-11-20 08:00:00+00",
        "20.07.2026 09:00": "2026-07-20 07:00:00+00",
        // Clocks go forward at 2 (there is no 2:30) and back at 3 (2:30 comes twice): as PostgreSQL takes them.
        "29.03.2026 02:30": "2026-03-29 01:30:00+00",
        "29.03.2026 03:30": "2026-03-29 01:30:00+00",
        "25.10.2026 02:30": "2026-10-25 01:30:00+00",
        "25.10.2026 01:30": "2026-10-24 23:30:00+00",
      },
    ],
    [
      { type: "timestamp", format: "M/d/yyyy h:mm a", min: "2026-01-01", max: "2026-12-31T12:00:00Z" },
      {
        "1/2/2026 12:05 AM": "2026-01-02 00:05:00+00",
        "1/2/2026 12:05 pm": "2026-01-02 12:05:00+00",
        "1/2/2026 13:05 PM": "<not_a_timestamp>",
        "12/31/2025 11:59 PM": "<too_small>",
        "12/31/2026 12:01 PM": "<too_large>",
      },
    ],
    [
      { type: "email" },
      {
        "a@b.de": "a@b.de",
        "first.last+tag@sub.example.co.uk": "first.last+tag@sub.example.co.uk",
        "o'neil@example.com": "o'neil@example.com",
        "a@büro.de": "a@büro.de",
        "a@b": "<not_an_email>",
        "a@@b.de": "<not_an_email>",
        "a b@c.de": "<not_an_email>",
        ".a@b.de": "<not_an_email>",
        "a.@b.de": "<not_an_email>",
        "a..b@c.de": "<not_an_email>",
        "a@-b.de": "<not_an_email>",
        "a@b..de": "<not_an_email>",
        "a@b.de.": "<not_an_email>",
        "@b.de": "<not_an_email>",
        "a@": "<not_an_email>",
        "a@b.de, c@d.de": "<not_an_email>",
        "Name <a@b.de>": "<not_an_email>",
      },
    ],
    [
      { type: "url" },
      {
        "https://example.com": "https://example.com",
        "HTTP://example.com:8080/a?b=c#d": "HTTP://example.com:8080/a?b=c#d",
        "http://localhost/": "http://localhost/",
        "http://[2001:db8::1]/x": "http://[2001:db8::1]/x",
        "https://user:pw@example.com/": "https://user:pw@example.com/",
        "https://exämple.com/ü": "https://exämple.com/ü",
        "example.com": "<not_a_url>",
        "ftp://example.com": "<not_a_url>",
        "https://": "<not_a_url>",
        "https:///x": "<not_a_url>",
        http: "<not_a_url>",
        "https://exa mple.com": "<not_a_url>",
        "https://example.com/a b": "<not_a_url>",
        "https://example.com:99999/": "<not_a_url>",
        "http://[::g]/": "<not_a_url>",
        "javascript:alert(1)": "<not_a_url>",
      },
    ],
    [
      { type: "enum", values: ["red", "grün", "a\\b"] },
      { red: "red", grün: "grün", "a\\b": "a\\\\b", Red: "<not_in_values>", "red ": "<not_in_values>" },
    ],
  ];
  for (const [column, cells] of cases) {
    it.each(Object.entries(cells))(`${JSON.stringify(column)}: %j → %s`, (cell, expected) => {
      expect(written(column, cell)).toBe(expected);
    });
  }

  it("writes Windows-1252 as UTF-8, and refuses its undefined bytes", () => {
    const bytes = Buffer.from([0x80, 0x20, 0xe4, 0x9f, 0xff]);
    expect(written({ type: "string" }, bytes, FORM_WINDOWS_1252)).toBe("€ äŸÿ");
    expect(written({ type: "enum", values: ["€ äŸÿ"] }, bytes, FORM_WINDOWS_1252)).toBe("€ äŸÿ");
    expect(written({ type: "string", maxLength: 4 }, bytes, FORM_WINDOWS_1252)).toBe("<too_long>");
    for (const byte of [0x81, 0x8d, 0x8f, 0x90, 0x9d]) {
      expect(written({ type: "string" }, Buffer.from([byte]), FORM_WINDOWS_1252)).toBe("<byte_undefined>");
    }
  });

  it("agrees with the platform's decoder on every byte of Windows-1252 that is defined", () => {
    for (let byte = 0x80; byte < 0x100; byte += 1) {
      const text = new TextDecoder("windows-1252").decode(Buffer.from([byte]), { stream: true });
      const isControl = text.charCodeAt(0) < 0xa0;
      expect(written({ type: "string" }, Buffer.from([byte]), FORM_WINDOWS_1252)).toBe(
        isControl ? "<byte_undefined>" : text,
      );
    }
  });
});

describe("properties", () => {
  it("keeps every text through the escapes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const well = text.toWellFormed();
        expect(unescapeCell(written({ type: "string" }, well))).toBe(well === "" ? null : well);
      }),
    );
  });

  it("never takes more room than it says", () => {
    const kinds: ColumnInput[] = [
      { type: "string" },
      { type: "integer" },
      { type: "decimal" },
      { type: "boolean" },
      { type: "date" },
      { type: "timestamp" },
    ];
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.uint8Array({ maxLength: 300 }), (column, bytes) => {
        const plan = planOf(column);
        const out = Buffer.alloc(mostCanonicalBytes(bytes.length) + 100, 0xaa);
        for (const form of [FORM_WINDOWS_1252, FORM_UTF8 | FORM_ESCAPES]) {
          writeCell(plan, Buffer.from(bytes), 0, bytes.length, form, out, 0);
        }
        expect(out.subarray(-100).every((byte) => byte === 0xaa)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("agrees with BigInt on whole numbers", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 66n), max: 2n ** 66n }), (number) => {
        const fits = number >= -(2n ** 63n) && number < 2n ** 63n;
        expect(written({ type: "integer" }, String(number))).toBe(fits ? String(number) : "<number_out_of_range>");
      }),
    );
  });

  it("agrees with Date on days", () => {
    const parts = fc.tuple(
      fc.integer({ min: 0, max: 9999 }),
      fc.integer({ min: 0, max: 13 }),
      fc.integer({ min: 0, max: 32 }),
    );
    fc.assert(
      fc.property(parts, ([year, month, day]) => {
        const text = `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
        const date = new Date(`${text}T00:00:00Z`);
        const exists = year > 0 && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
        expect(written({ type: "date" }, text)).toBe(exists ? text : "<not_a_date>");
      }),
    );
  });

  it("agrees with Date on points in time", () => {
    const times = fc.date({
      min: new Date("0001-01-02T00:00:00Z"),
      max: new Date("9999-12-30T00:00:00Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(times, fc.integer({ min: -14 * 60, max: 14 * 60 }), (time, minutes) => {
        const local = new Date(time.getTime() + minutes * 60_000).toISOString().slice(0, -1);
        const sign = minutes < 0 ? "-" : "+";
        const size = Math.abs(minutes);
        const offset = `${sign}${String(Math.floor(size / 60)).padStart(2, "0")}:${String(size % 60).padStart(2, "0")}`;
        const text = written({ type: "timestamp" }, local + offset);
        expect(new Date(text.replace(" ", "T").replace("+00", "Z")).getTime()).toBe(time.getTime());
      }),
    );
  });
});

describe("columns that cannot be used", () => {
  it.each<[ColumnInput, string]>([
    [{ type: "date", format: "yyyy-MM" }, "date_format_invalid"],
    [{ type: "date", format: "QQ yyyy MM dd" }, "date_format_invalid"],
    [{ type: "timestamp", format: "yyyy-MM-dd" }, "date_format_invalid"],
    [{ type: "timestamp", timezone: "Mars/Olympus" }, "timezone_unknown"],
    [{ type: "string", pattern: "(a" }, "pattern_invalid"],
    [{ type: "string", pattern: "(?=a)" }, "pattern_invalid"],
    [{ type: "decimal", precision: 2, scale: 3 }, "scale_invalid"],
    [{ type: "integer", min: "abc" }, "bound_invalid"],
    [{ type: "date", max: "tomorrow" }, "bound_invalid"],
  ])("%j", (column, code) => {
    expect(() => planOf(column)).toThrow(expect.objectContaining({ code, retryable: false }));
  });

  it("a pattern cannot hang the check", () => {
    const started = performance.now();
    expect(written({ type: "string", pattern: "(a+)+b" }, "a".repeat(20_000))).toBe("<pattern_mismatch>");
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
