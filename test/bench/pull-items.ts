import type { ProfileInput } from "@inlet/contracts";

/** Ten columns as an ERP has them; a key, a number of 64 bits, text with all that JSON escapes. */
export const ITEM_COLUMNS: ProfileInput["tables"][number]["columns"] = [
  { name: "code", required: true, maxLength: 20 },
  { name: "name", required: true },
  { name: "id", type: "integer", required: true },
  { name: "group_name" },
  { name: "price", type: "decimal", precision: 14, scale: 4 },
  { name: "stock", type: "integer" },
  { name: "active", type: "boolean" },
  { name: "updated_at", type: "timestamp" },
  { name: "weight", type: "decimal", precision: 10, scale: 3 },
  { name: "note" },
];

const GROUPS = ["Schrauben", "Œillets", "Bolts", "Nuts", "Washers", "Klammern"];
const NOTES = [
  "",
  "",
  "discontinued, see catalogue",
  String.raw`6\" long`,
  "comes in two parts",
  String.raw`keep dry\nfragile`,
];

/** One item as the system writes it. The same number gives the same item, always. */
export function sampleItem(n: number): string {
  const h = Math.imul(n, 2654435761) >>> 0;
  const note = NOTES[(h >>> 16) % 6]!;
  const updated = `2026-${String(1 + (h % 11)).padStart(2, "0")}-${String(1 + (h % 28)).padStart(2, "0")}T${String(h % 24).padStart(2, "0")}:15:00Z`;
  return `{"code":"A${String(n).padStart(9, "0")}","name":"Article ${n} of ${h % 977}","id":${2n ** 53n + BigInt(n)},"group_name":"${GROUPS[(h >>> 8) % 6]}","price":${h % 9000}.${String(h % 100).padStart(2, "0")},"stock":${h % 250},"active":${h % 7 !== 0},"updated_at":"${updated}","weight":${(h % 500) / 8},"note":${note === "" ? "null" : `"${note}"`}}`;
}
