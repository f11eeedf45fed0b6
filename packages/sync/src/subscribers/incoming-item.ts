import { jsonPathNames } from "@inlet/contracts";
import { plainNumber } from "../check-items/item-text.ts";
import { valueAt } from "../fields/outside-path.ts";
import type { IncomingItem, OutsideFields, OutsideValue } from "../subscriber.ts";

/** Where what names an item lies in it. */
export interface ItemPlaces {
  id: string;
  key?: string | undefined;
  version?: string | undefined;
  changedAt?: string | undefined;
  /** Where its fields begin. Absent, or nothing there: the item itself. */
  fields?: string | undefined;
}

/** An item that an outside system told of; undefined when nothing in it says what it is called. */
export function incomingItem(item: OutsideValue, places: ItemPlaces, isRemoved = false): IncomingItem | undefined {
  const id = textAt(item, places.id);
  if (id === undefined) return undefined;
  const key = textAt(item, places.key);
  const version = textAt(item, places.version);
  const changedAt = isoTimeOf(textAt(item, places.changedAt));
  const fields = places.fields === undefined ? item : (valueAt(item, jsonPathNames(places.fields)) ?? item);
  return {
    id,
    fields: isFields(fields) ? fields : {},
    ...(key === undefined ? {} : { key }),
    ...(version === undefined ? {} : { version }),
    ...(changedAt === undefined ? {} : { changedAt }),
    ...(isRemoved ? { isRemoved } : {}),
  };
}

/** The text, number or boolean at a path, as text; undefined for anything else, and for what is empty. */
export function textAt(item: OutsideValue, path: string | undefined): string | undefined {
  return path === undefined ? undefined : textAtNames(item, jsonPathNames(path));
}

/** The same by the names on the way. */
export function textAtNames(item: OutsideValue, names: readonly string[]): string | undefined {
  const value = valueAt(item, names);
  if (typeof value === "number") return plainNumber(value);
  return typeof value === "string" || typeof value === "boolean" ? String(value) || undefined : undefined;
}

/** Whole seconds since 1970 have ten digits from 2001 to 2286; milliseconds have thirteen. */
const SECONDS_DIGITS = 10;

/** A time as systems tell it: ISO 8601, or seconds or milliseconds since 1970. Undefined for anything else. */
function isoTimeOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const isNumber = /^\d{9,14}(\.\d+)?$/.test(text);
  const number = Number(text) * (text.split(".")[0]!.length <= SECONDS_DIGITS ? 1000 : 1);
  // Without an offset it is meant in UTC: what this machine's own zone is says nothing of theirs.
  const bare = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(text) ? `${text.replace(" ", "T")}Z` : text;
  const time = new Date(isNumber ? number : bare);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

const isFields = (value: OutsideValue): value is OutsideFields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
