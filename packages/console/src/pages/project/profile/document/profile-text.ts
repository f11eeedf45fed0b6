import type { ProfileInput } from "@inlet/contracts";
import {
  type Document,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  Document as YamlDocument,
} from "yaml";
import { isSame } from "./is-same.ts";
import { mergeInto, styled } from "./merge.ts";

/** Where something stands in the text: offsets in characters, the line from 1. */
export interface Place {
  from: number;
  to: number;
  line: number;
}

/** A mistake that keeps the text from being YAML at all. */
export interface TextMistake extends Place {
  message: string;
}

/** A profile's text, read. */
export interface ReadText {
  text: string;
  /** What it says; undefined while it is no YAML. */
  value: unknown;
  mistakes: readonly TextMistake[];
  /** Comments are there for who edits; a profile is stored without. */
  hasComments: boolean;
  /** Where a setting stands; of one that is missing, its nearest parent. */
  placeOf(path: readonly (string | number)[]): Place;
}

/** Long lines stay in one piece: a person, not the printer, decides where they break. */
const PRINTED = { lineWidth: 0 } as const;

/** A profile as text, in the order in which it says its settings. */
export function textOf(profile: ProfileInput | Record<string, unknown>): string {
  const document = new YamlDocument(profile);
  if (isMap(document.contents)) {
    styled(document.contents);
    for (const { key, value } of document.contents.items.slice(1)) {
      if (isCollection(value) && isNode(key)) key.spaceBefore = true;
    }
  }
  return document.toString(PRINTED);
}

/** Reads a text: what it says, what keeps it from being YAML, and where its settings stand. */
export function readText(text: string): ReadText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const placeAt = (from: number, to: number): Place => ({ from, to, line: lines.linePos(from).line });
  const mistakes = document.errors.map(({ message, pos: [from, to] }) => ({ ...placeAt(from, to), message }));
  const read = mistakes.length > 0 ? { mistakes, value: undefined } : saidBy(document);
  return {
    ...read,
    text,
    hasComments: isCommented(document),
    placeOf: (path) => {
      const [from, to] = rangeOf(document.contents, path);
      return placeAt(Math.min(from, text.length), Math.min(to, text.length));
    },
  };
}

function isCommented(document: Document.Parsed): boolean {
  let found = Boolean(document.comment || document.commentBefore);
  visit(document, {
    Node: (_, node) => {
      found ||= Boolean(node.comment || node.commentBefore);
      return found ? visit.BREAK : undefined;
    },
  });
  return found;
}

/** What a document says. Text that refers to itself without end is a mistake. */
function saidBy(document: Document.Parsed): Pick<ReadText, "value" | "mistakes"> {
  try {
    return { value: document.toJS(), mistakes: [] };
  } catch (error) {
    return { value: undefined, mistakes: [{ from: 0, to: 0, line: 1, message: (error as Error).message }] };
  }
}

/**
 * The text with what is different in `value` changed in place: comments, the order of settings and their style stay. The
 * text must be YAML.
 */
export function withValue(text: string, value: Record<string, unknown>): string {
  const document = parseDocument(text);
  document.contents = mergeInto(document, document.contents, value, []) as typeof document.contents;
  const read = saidBy(document);
  // Settings that stand for one another (anchors and aliases) cannot be changed one by one: they are written out.
  return isSame(read.value, value) ? document.toString(PRINTED) : textOf(value);
}

/** Where a path's key (or list item) begins and ends. */
function rangeOf(root: Node | null, path: readonly (string | number)[]): [number, number] {
  let node: unknown = root;
  let range: [number, number] = [0, 0];
  const take = (of: unknown) => {
    if (isNode(of) && of.range) range = [of.range[0], isCollection(of) ? of.range[0] : of.range[1]];
  };
  for (const [at, key] of path.entries()) {
    const isLast = at === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      if (pair === undefined) break;
      take(isLast && isScalar(pair.value) && pair.value.range ? pair.value : pair.key);
      node = pair.value;
    } else if (isSeq(node) && typeof key === "number" && key < node.items.length) {
      node = node.items[key];
      const [first] = isMap(node) ? node.items : [];
      take(isPair(first) ? first.key : node);
    } else break;
  }
  return range;
}
