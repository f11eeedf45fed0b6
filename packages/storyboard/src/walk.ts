import type { AssetChoice, AssetKind, Condition, LocalizedText, Storyboard } from "@inlet/contracts";

/** Where something stands in a storyboard's JSON. */
export type Path = readonly (string | number)[];

export interface TextPlace {
  path: Path;
  text: LocalizedText;
}

/** All texts that may be written in several languages. */
export function localizedTextsOf({ scenes, page }: Storyboard): TextPlace[] {
  const places: TextPlace[] = [];
  const add = (text: LocalizedText | undefined, ...path: Path) => {
    if (text !== undefined) places.push({ path, text });
  };
  scenes.forEach((scene, index) => {
    scene.layers.forEach((layer, at) => {
      if (layer.kind === "text") add(layer.text, "scenes", index, "layers", at, "text");
      if (layer.kind === "button") add(layer.label, "scenes", index, "layers", at, "label");
    });
    add(scene.caption, "scenes", index, "caption");
    add(scene.chapter, "scenes", index, "chapter");
  });
  add(page.title, "page", "title");
  add(page.text, "page", "text");
  page.fields.forEach(({ label }, index) => {
    add(label, "page", "fields", index, "label");
  });
  add(page.button?.label, "page", "button", "label");
  add(page.footer, "page", "footer");
  page.links.forEach(({ label }, index) => {
    add(label, "page", "links", index, "label");
  });
  return places;
}

export interface UrlPlace {
  path: Path;
  url: string;
}

/** All addresses that a recipient may be led to. */
export function urlsOf({ scenes, page }: Storyboard): UrlPlace[] {
  const places: UrlPlace[] = scenes.flatMap((scene, index) =>
    scene.layers.flatMap((layer, at) =>
      layer.kind === "button" ? [{ path: ["scenes", index, "layers", at, "url"], url: layer.url }] : [],
    ),
  );
  if (page.button !== undefined) places.push({ path: ["page", "button", "url"], url: page.button.url });
  page.links.forEach(({ url }, index) => {
    places.push({ path: ["page", "links", index, "url"], url });
  });
  return places;
}

export interface ConditionPlace {
  path: Path;
  condition: Condition;
}

/** All conditions. */
export function conditionsOf({ requirements, groups, scenes }: Storyboard): ConditionPlace[] {
  const places: ConditionPlace[] = [];
  const add = (condition: Condition | undefined, ...path: Path) => {
    if (condition !== undefined) places.push({ path, condition });
  };
  requirements.forEach(({ condition }, index) => {
    add(condition, "requirements", index, "condition");
  });
  groups.forEach(({ when }, index) => {
    add(when, "groups", index, "when");
  });
  scenes.forEach((scene, index) => {
    add(scene.when, "scenes", index, "when");
    scene.layers.forEach(({ when }, at) => {
      add(when, "scenes", index, "layers", at, "when");
    });
  });
  return places;
}

export interface AssetPlace {
  path: Path;
  choice: AssetChoice;
  kinds: readonly AssetKind[];
}

/** All places that show or sound an asset, with the kinds that fit there. */
export function assetPlacesOf({ scenes, music, page }: Storyboard): AssetPlace[] {
  const places: AssetPlace[] = [];
  const add = (choice: AssetChoice | undefined, kinds: readonly AssetKind[], ...path: Path) => {
    if (choice !== undefined) places.push({ path, choice, kinds });
  };
  scenes.forEach((scene, index) => {
    add(scene.background.asset, ["image", "video"], "scenes", index, "background", "asset");
    scene.layers.forEach((layer, at) => {
      if (layer.kind === "image") add(layer.asset, ["image"], "scenes", index, "layers", at, "asset");
    });
    add(scene.audio?.asset, ["audio"], "scenes", index, "audio", "asset");
  });
  add(music?.asset, ["audio"], "music", "asset");
  add(page.logo, ["image"], "page", "logo");
  add(page.favicon, ["image"], "page", "favicon");
  return places;
}
