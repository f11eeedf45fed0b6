import "./no-eval.ts";
import { type Problem, type Storyboard, storyboardSchema } from "@inlet/contracts";
import type { Draft } from "./draft.ts";

/** A draft, looked at. */
export interface ReadDraft {
  /** With all defaults; undefined while something about its form is wrong. */
  storyboard: Storyboard | undefined;
  /** What is wrong about its form. */
  problems: readonly Problem[];
}

/** Reads what was written. */
export function readDraft(draft: unknown): ReadDraft {
  const { success, data, error } = storyboardSchema.safeParse(draft);
  if (success) return { storyboard: data, problems: [] };
  return {
    storyboard: undefined,
    problems: error.issues.map(({ path, message }) => ({
      path: path.map((key) => (typeof key === "number" ? key : String(key))),
      message,
    })),
  };
}

/**
 * Whether it can be shown as a form: it has scenes with names and layers with boxes. Text that says anything else is mended
 * as text.
 */
export function isDraft(value: unknown): value is Draft {
  if (!isObject(value) || typeof value.title !== "string" || !Array.isArray(value.scenes)) return false;
  return (
    value.scenes.length > 0 &&
    value.scenes.every(isScene) &&
    ["brand", "language", "fallbacks", "page", "poster", "music"].every((key) => isAbsentOr(value[key], isObject)) &&
    ["requirements", "groups", "samples"].every((key) => isAbsentOr(value[key], isListOfObjects)) &&
    (value.samples as { values?: unknown }[] | undefined)?.every(({ values }) => isObject(values)) !== false &&
    (value.requirements as { condition?: unknown }[] | undefined)?.every(({ condition }) => isCondition(condition)) !==
      false &&
    (value.groups as { when?: unknown }[] | undefined)?.every(({ when }) => isAbsentOr(when, isCondition)) !== false &&
    isAbsentOr((value.page as Record<string, unknown> | undefined)?.fields, isListOfObjects) &&
    isAbsentOr((value.page as Record<string, unknown> | undefined)?.links, isListOfObjects)
  );
}

function isScene(scene: unknown): boolean {
  return (
    isObject(scene) &&
    typeof scene.name === "string" &&
    typeof scene.durationMs === "number" &&
    isAbsentOr(scene.background, isObject) &&
    isAbsentOr(scene.transition, isObject) &&
    isAbsentOr(scene.audio, isObject) &&
    isAbsentOr(scene.when, isCondition) &&
    isAbsentOr(scene.layers, (layers) => Array.isArray(layers) && layers.every(isLayer))
  );
}

const LAYER_KINDS: readonly unknown[] = ["text", "image", "shape", "button"];

function isLayer(layer: unknown): boolean {
  if (!isObject(layer) || !LAYER_KINDS.includes(layer.kind) || !isObject(layer.box)) return false;
  const { box } = layer;
  return (
    ["x", "y", "width", "height"].every((key) => typeof (box as Record<string, unknown>)[key] === "number") &&
    isAbsentOr(layer.enter, isObject) &&
    isAbsentOr(layer.leave, isObject) &&
    isAbsentOr(layer.when, isCondition)
  );
}

function isCondition(value: unknown): boolean {
  if (!isObject(value)) return false;
  return isListOfObjects(value.all ?? value.any);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isListOfObjects = (value: unknown): boolean => Array.isArray(value) && value.every(isObject);
const isAbsentOr = (value: unknown, is: (value: unknown) => boolean): boolean => value === undefined || is(value);
