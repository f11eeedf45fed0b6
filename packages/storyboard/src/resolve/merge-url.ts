import { displayText } from "../words/display-text.ts";
import { formatValue } from "../words/format-value.ts";
import { fallbackOf, type Merging } from "../words/merge.ts";
import { type Placeholder, parseTemplate, type Template } from "../words/template.ts";

/** A cell may hold megabytes; servers take some 8 KB of an address. */
const MAX_VALUE_CHARACTERS = 500;
/** An address's scheme and host, and that its host has ended: no value can then become part of it. */
const WITH_ORIGIN = /^https?:\/\/[^\s/?#\\@]+[/?#]/i;
/** The URL standard takes both spellings for "this folder" and "the one above". */
const DOTS = /^(\.|%2e){1,2}$/i;

const read = new WeakMap<Template, { fault: string | undefined; origin: string | undefined }>();

/** Of an address as it stands in the storyboard; looked at once, not for each recipient. */
function readUrl(template: Template) {
  let url = read.get(template);
  if (url === undefined) {
    const fault = faultOf(template);
    url = { fault, origin: fault === undefined ? originOf(template.parts[0] as string) : undefined };
    read.set(template, url);
  }
  return url;
}

/** What is wrong with an address as it stands in the storyboard, in words; undefined when nothing is. */
export function urlFault(template: string): string | undefined {
  return readUrl(parseTemplate(template)).fault;
}

function faultOf({ parts }: Template): string | undefined {
  const [first] = parts;
  if (typeof first !== "string" || !/^https?:\/\//i.test(first)) {
    return "An address begins with https:// (or http://) and a host, such as https://www.example.org/.";
  }
  if (parts.length > 1 && !WITH_ORIGIN.test(first)) {
    return "Placeholders may stand in an address's path, query and fragment, not in its host; end the host with a slash.";
  }
  return originOf(first) === undefined ? "The address cannot be read, or names a user before its host." : undefined;
}

/**
 * An address with a recipient's values in it, percent-encoded (RFC 3986, section 2.1): a value is one stretch of a path,
 * query or fragment, and can neither end it nor begin another. Undefined where the storyboard's address is none that is to be
 * opened (see {@link urlFault}), or a value would lead out of its folder.
 */
export function mergeUrl(template: string, merging: Merging): string | undefined {
  const parsed = parseTemplate(template);
  const { fault, origin } = readUrl(parsed);
  if (fault !== undefined) return undefined;
  const { parts } = parsed;
  const url = parts.map((part) => (typeof part === "string" ? part : encodedValue(part, merging))).join("");
  const path = /^[^?#]*/.exec(url)![0];
  if (parts.length > 1 && path.split("/").some((segment) => DOTS.test(segment))) return undefined;
  const merged = URL.parse(url);
  return merged !== null && merged.origin === origin ? merged.href : undefined;
}

function encodedValue({ column, format, fallback }: Placeholder, merging: Merging): string {
  // As many UTF-16 units are at least as many characters: nothing is shortened by an ellipsis.
  const cell = merging.row(column)?.slice(0, MAX_VALUE_CHARACTERS) ?? "";
  const text = displayText(cell, { maxCharacters: MAX_VALUE_CHARACTERS, lines: false });
  const value = text === "" || format === undefined ? text : formatValue(text, format, merging.language);
  return encodeURIComponent(value === "" ? (fallback ?? fallbackOf(column, merging)) : value);
}

function originOf(url: string): string | undefined {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return undefined;
  return parsed.username === "" && parsed.password === "" ? parsed.origin : undefined;
}
