import type { Layer, LocalizedText, Scene, Storyboard } from "@inlet/contracts";
import type { Path } from "../walk.ts";
import type { StoryboardChange } from "./change.ts";
import { fieldChanges } from "./field-changes.ts";
import { listChanges } from "./list-changes.ts";
import { valueWords } from "./value-words.ts";

/**
 * What changed from one storyboard to another, in sentences and in the order of the document. Scenes, groups and samples are
 * known again by their names; layers by what they show; so that a scene that was moved is told of as that.
 */
export function changesBetween(before: Storyboard, after: Storyboard): StoryboardChange[] {
  const lists = ["requirements", "groups", "scenes", "samples", "page"];
  return [
    ...fieldChanges(before, after, [], "", lists),
    ...listChanges(before.requirements, after.requirements, {
      path: ["requirements"],
      subject: ({ message }) => `Requirement ${valueWords("", message)}`,
      keys: [({ message }) => message, ({ condition }) => condition],
    }),
    ...listChanges(before.groups, after.groups, {
      path: ["groups"],
      subject: ({ name }) => `Group “${name}”`,
      keys: [({ name }) => name],
    }),
    ...listChanges(before.scenes, after.scenes, {
      path: ["scenes"],
      subject: sceneWords,
      keys: [({ name }) => name],
      without: ["layers"],
      inside: layerChanges,
    }),
    ...pageChanges(before.page, after.page),
    ...listChanges(before.samples, after.samples, {
      path: ["samples"],
      subject: ({ name }) => `Sample “${name}”`,
      keys: [({ name }) => name],
    }),
  ];
}

const sceneWords = ({ name }: Scene) => `Scene “${name}”`;

function layerChanges(before: Scene, after: Scene, path: Path): StoryboardChange[] {
  return listChanges(before.layers, after.layers, {
    path: [...path, "layers"],
    subject: (layer) => `${sceneWords(after)}, ${layerWords(layer)}`,
    keys: [(layer) => [layer.kind, shownBy(layer)], ({ kind, box }) => [kind, box], ({ kind }) => kind],
  });
}

function shownBy(layer: Layer): unknown {
  switch (layer.kind) {
    case "text":
      return layer.text;
    case "image":
      return layer.asset;
    case "shape":
      return [layer.box, layer.colour];
    case "button":
      return layer.name;
  }
}

function layerWords(layer: Layer): string {
  switch (layer.kind) {
    case "text":
      return `text ${valueWords("", firstWords(layer.text))}`;
    case "image":
      return `image ${valueWords("", layer.asset)}`;
    case "shape":
      return "shape";
    case "button":
      return `button “${layer.name}”`;
  }
}

function pageChanges(before: Storyboard["page"], after: Storyboard["page"]): StoryboardChange[] {
  return [
    ...fieldChanges(before, after, ["page"], "Page", ["fields", "links"]),
    ...listChanges(before.fields, after.fields, {
      path: ["page", "fields"],
      subject: ({ column }) => `Page, field “${column}”`,
      keys: [({ column }) => column],
    }),
    ...listChanges(before.links, after.links, {
      path: ["page", "links"],
      subject: ({ label }) => `Page, link ${valueWords("", firstWords(label))}`,
      keys: [({ label }) => label, ({ url }) => url],
    }),
  ];
}

function firstWords(text: LocalizedText): string {
  return typeof text === "string" ? text : (Object.values(text)[0] ?? "");
}
