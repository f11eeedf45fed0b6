import { Buffer } from "node:buffer";
import { jsonPathOf } from "@inlet/contracts";
import { BrokenAnswer } from "../broken-answer.ts";
import type { PagePlaces } from "../connector.ts";
import { csvCells } from "./csv-cells.ts";
import { Greatest } from "./greatest.ts";
import type { ItemFields, ItemPage, ItemReader } from "./item-page.ts";
import { ABSENT, ESCAPED_TEXT, EXPONENT, NESTED, Slots } from "./kinds.ts";
import { placeTree } from "./place-tree.ts";
import { checkUtf8 } from "./read-values.ts";
import { RowWriter } from "./row-writer.ts";
import { valueText } from "./value-text.ts";
import { Walker } from "./walker.ts";

/** Opens a reader for the pages of one pull: see {@link ItemReader}. */
export function openItemReader(fields: ItemFields): ItemReader {
  const readings = new Map<string, (body: Buffer) => ItemPage>();
  return {
    read(body, places) {
      // A pull has one set of places, or a handful.
      const name = JSON.stringify(places);
      let reading = readings.get(name);
      if (reading === undefined) {
        readings.clear();
        reading = openReading(fields, places);
        readings.set(name, reading);
      }
      return reading(body);
    },
  };
}

function openReading({ cells, key = [], by }: ItemFields, places: PagePlaces): (body: Buffer) => ItemPage {
  const beside = Object.entries(places.beside ?? {});
  const ofLast = Object.entries(places.ofLast ?? {});
  const item = placeTree([...cells, ...ofLast.map(([, path]) => path), ...(by ? [by.path] : [])]);
  const outer = placeTree(beside.map(([, path]) => path));
  let list = outer.root;
  list.holdsList = true;
  for (const name of places.items) {
    list = list.child(name);
    list.holdsList = true;
  }
  list.isList = true;

  const itemSlots = new Slots(item.slotCount);
  const outerSlots = new Slots(outer.slotCount);
  const bySlot = by === undefined ? -1 : item.slots.at(-1)!;
  const writer = new RowWriter(item.slots.slice(0, cells.length), key);
  let greatest: Greatest | null = null;
  let timeFault: BrokenAnswer | null = null;

  const walker = new Walker(
    { root: outer.root, slots: outerSlots },
    { root: item.root, slots: itemSlots },
    {
      list() {
        writer.begin(walker.body);
        itemSlots.kinds.fill(ABSENT);
        greatest = by === undefined ? null : new Greatest(by.kind);
        timeFault = null;
      },
      item() {
        writer.write(itemSlots);
        if (greatest !== null && timeFault === null) timeFault = show(greatest, walker.body, itemSlots, bySlot);
      },
    },
  );

  return (body) => {
    checkUtf8(body);
    walker.walk(body);
    if (walker.itemCount < 0) {
      const where = places.items.length === 0 ? "is no list of items" : `has no list at ${jsonPathOf(places.items)}`;
      throw new BrokenAnswer(`the answer ${where}`, 0);
    }
    const rows = writer.rows();
    const rowEnds = Uint32Array.from(writer.ends);
    const [latest, fault] = [greatest, timeFault] as [Greatest | null, BrokenAnswer | null];
    const text = (slots: Slots, slot: number) => valueText(body, slots, slot);
    return {
      itemCount: walker.itemCount,
      beside: Object.fromEntries(beside.map(([name], index) => [name, text(outerSlots, outer.slots[index]!)])),
      ofLast: Object.fromEntries(
        ofLast.map(([name], index) => [name, text(itemSlots, item.slots[cells.length + index]!)]),
      ),
      rows,
      rowEnds,
      keyHashes: Uint32Array.from(writer.hashes),
      replacedCharacters: writer.replacedCharacters,
      keyOf(index) {
        const found = csvCells(rows, index === 0 ? 0 : rowEnds[index - 1]!, rowEnds[index]! - 1);
        return key.map((cell) => found[cell]!);
      },
      greatestBy() {
        if (fault !== null) throw fault;
        return latest === null ? null : latest.text;
      },
    };
  };
}

/** Shows an item's time or key; a fault is told when somebody asks for the greatest. */
function show(greatest: Greatest, body: Buffer, slots: Slots, slot: number): BrokenAnswer | null {
  const kind = slots.kinds[slot]!;
  if (kind === ABSENT) return null;
  try {
    if (kind === ESCAPED_TEXT || kind === EXPONENT || kind === NESTED) {
      const bytes = Buffer.from(valueText(body, slots, slot)!);
      greatest.show(bytes, 0, bytes.length);
    } else if (slots.starts[slot]! < slots.ends[slot]!) {
      greatest.show(body, slots.starts[slot]!, slots.ends[slot]!);
    }
    return null;
  } catch (error) {
    if (error instanceof BrokenAnswer) return error;
    throw error;
  }
}
