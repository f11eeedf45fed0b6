import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { isObject, isSame } from "./is-same.ts";
import { orderOf } from "./key-order.ts";

type Path = readonly (string | number)[];

/** Longer lists and objects take a line for each of their parts. */
const LINE_CHARACTERS = 100;

/** Lists whose objects stand in one line each, where they are short. */
const LINED = ["columns", "fields", "rules", "controls"];

/** Writes small lists, and the columns of a table, in one line each, as people do. */
export function styled<Of extends Node>(node: Of): Of {
  visit(node, {
    Seq: (_, seq) => {
      if (seq.items.every((item) => isScalar(item)) && lengthOf(seq) <= LINE_CHARACTERS) seq.flow = true;
    },
    Pair: (_, { key, value }) => {
      if (!isScalar(key) || !LINED.includes(String(key.value)) || !isSeq(value)) return;
      for (const item of value.items) {
        if (isMap(item) && lengthOf(item) <= LINE_CHARACTERS) item.flow = true;
      }
    },
  });
  return node;
}

const lengthOf = (node: YAMLMap | YAMLSeq) => JSON.stringify(node.toJSON()).length;

/** Changes a node so that it says `value`, and leaves alone what says it already. */
export function mergeInto(document: Document, node: unknown, value: unknown, path: Path): unknown {
  if (isMap(node) && isObject(value)) return mergeMap(document, node, value, path);
  if (isSeq(node) && Array.isArray(value)) return mergeSeq(document, node, value, path);
  if (isAlias(node) && isSame(node.resolve(document)?.toJS(document), value)) return node;
  if (isScalar(node) && !isObject(value) && !Array.isArray(value)) return mergeScalar(node, value);
  const made = styled(document.createNode(value));
  if (isNode(node)) carryComments(node, made);
  return made;
}

function mergeScalar(node: Scalar, value: unknown): Scalar {
  if (Object.is(node.value, value)) return node;
  node.value = value;
  // How the old value was written (0x10, 1e3) says nothing of the new one.
  delete node.source;
  delete node.format;
  return node;
}

function mergeMap(document: Document, node: YAMLMap, value: Record<string, unknown>, path: Path): YAMLMap {
  const keyOf = ({ key }: Pair) => String(isScalar(key) ? key.value : key);
  node.items = node.items.filter((pair) => value[keyOf(pair)] !== undefined);
  for (const [key, part] of Object.entries(value)) {
    if (part === undefined) continue;
    const pair = node.items.find((each) => keyOf(each) === key);
    if (pair !== undefined) pair.value = mergeInto(document, pair.value, part, [...path, key]);
    else insert(node, document.createPair(key, part), placeFor(key, node.items.map(keyOf), orderOf(path)), path);
  }
  return node;
}

function insert(map: YAMLMap, pair: Pair, at: number, path: Path): void {
  if (isNode(pair.value)) styled(pair.value);
  // As in a profile that was written anew: what has parts of its own stands apart.
  if (path.length === 0 && isCollection(pair.value) && isNode(pair.key) && at > 0) pair.key.spaceBefore = true;
  map.items.splice(at, 0, pair);
}

/** Before the first setting that people write after it. */
function placeFor(key: string, present: readonly string[], order: readonly string[]): number {
  const rank = order.indexOf(key);
  if (rank === -1) return present.length;
  const after = present.findIndex((each) => order.indexOf(each) > rank);
  return after === -1 ? present.length : after;
}

/** Items are told from one another by their name, or by what they say; a changed one is known by its place. */
function mergeSeq(document: Document, node: YAMLSeq, value: readonly unknown[], path: Path): YAMLSeq {
  const old = node.items.map((item) => ({ item, said: isNode(item) ? item.toJS(document) : item, used: false }));
  const claim = (isIt: (said: unknown, index: number) => boolean) => {
    const found = old.find(({ said, used }, index) => !used && isIt(said, index));
    if (found !== undefined) found.used = true;
    return found?.item;
  };
  const kept = value.map((part) =>
    claim((said) => (nameOf(part) === undefined ? isSame(said, part) : nameOf(said) === nameOf(part))),
  );
  const isInPlace = old.length === value.length;
  node.items = value.map((part, index) => {
    const item = kept[index] ?? (isInPlace ? claim((_, at) => at === index) : undefined);
    if (item !== undefined) return mergeInto(document, item, part, [...path, index]);
    const made = document.createNode({ [String(path.at(-1))]: [part] }) as YAMLMap;
    return (styled(made).items[0]!.value as YAMLSeq).items[0];
  });
  return node;
}

const nameOf = (part: unknown) => (isObject(part) && typeof part.name === "string" ? part.name : undefined);

function carryComments(from: Node, to: Node): void {
  if (from.commentBefore) to.commentBefore = from.commentBefore;
  if (from.comment) to.comment = from.comment;
  if (from.spaceBefore) to.spaceBefore = true;
}
