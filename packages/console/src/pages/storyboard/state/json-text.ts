import { isMap, isNode, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { jsonMistake } from "./json-mistake.ts";

/** Where something stands in the text: offsets in characters, the line from 1. */
export interface Place {
  from: number;
  to: number;
  line: number;
}

/** A text, read as JSON. */
export type ReadJson = { value: unknown } | { mistake: { message: string } & Place };

/** A storyboard as text. */
export const jsonOf = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** What a text says, or what keeps it from being JSON. */
export function readJson(text: string): ReadJson {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    const { at, message } = jsonMistake(text) ?? { at: 0, message: (error as Error).message };
    const line = text.slice(0, at).split("\n").length;
    return { mistake: { message, from: at, to: Math.min(at + 1, text.length), line } };
  }
}

/** Finds the places of settings in a text that is JSON; of one that is missing, its nearest parent's. */
export function placesIn(text: string): (path: readonly (string | number)[]) => Place {
  const lines = new LineCounter();
  // JSON is YAML (YAML 1.2, section 1.3), and YAML's parser tells where things stand.
  const { contents } = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  return (path) => {
    const [from, to] = rangeOf(contents, path);
    return { from, to, line: lines.linePos(from).line };
  };
}

function rangeOf(root: Node | null, path: readonly (string | number)[]): [number, number] {
  let node: unknown = root;
  let range: [number, number] = [0, 1];
  const take = (of: unknown) => {
    if (isNode(of) && of.range) range = isScalar(of) ? [of.range[0], of.range[1]] : [of.range[0], of.range[0] + 1];
  };
  for (const [at, key] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === String(key));
      if (pair === undefined) break;
      const isLast = at === path.length - 1;
      take(isLast && isScalar(pair.value) ? pair.value : pair.key);
      node = pair.value;
    } else if (isSeq(node) && typeof key === "number" && key < node.items.length) {
      node = node.items[key];
      take(node);
    } else break;
  }
  return range;
}
