import { NameTable } from "./name-table.ts";

/** A place on the way to something that is looked for. */
export class Place {
  /** Where a value that lies here is put; -1: nothing here is asked for by itself. */
  slot = -1;
  /** The items lie here. */
  isList = false;
  /** Or somewhere beneath. */
  holdsList = false;
  /** Slots of places beneath: void when this name comes again in the same object. */
  beneath: number[] = [];
  /** The places of an object's names; null: none is looked for. */
  names: NameTable<Place> | null = null;
  /** The places of a list's elements, by their place; null: none is looked for. */
  elements: Map<number, Place> | null = null;

  /** The place beneath, made if it is not there. */
  child(name: string): Place {
    this.names ??= new NameTable();
    const known = this.names.placeOf(name);
    if (known !== undefined) return known;
    const child = new Place();
    this.names.add(name, child);
    if (/^(0|[1-9]\d{0,5})$/.test(name)) {
      this.elements ??= new Map();
      this.elements.set(Number(name), child);
    }
    return child;
  }
}

/** The places of several paths, and the slot of each path: the same path twice has one. */
export function placeTree(paths: readonly (readonly string[])[]): { root: Place; slots: number[]; slotCount: number } {
  const root = new Place();
  let slotCount = 0;
  const slots = paths.map((path) => {
    const way = [root];
    for (const name of path) way.push(way.at(-1)!.child(name));
    const place = way.pop()!;
    if (place.slot < 0) {
      place.slot = slotCount;
      slotCount += 1;
      for (const above of way) above.beneath.push(place.slot);
    }
    return place.slot;
  });
  return { root, slots, slotCount };
}
