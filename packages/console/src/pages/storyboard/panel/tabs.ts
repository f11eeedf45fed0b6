import type { Path } from "../forms/field.ts";
import type { Selection } from "../state/draft.ts";

/** What the panel beside the stage shows. */
export const TABS = ["scene", "page", "brand", "assets", "rules", "json"] as const;
export type Tab = (typeof TABS)[number];

export const TAB_WORDS: Readonly<Record<Tab, string>> = {
  scene: "Scene",
  page: "Page",
  brand: "Brand",
  assets: "Files",
  rules: "Rules",
  json: "JSON",
};

/** Where a setting is changed: on which tab, and with what selected. */
export function placeOfSetting([part, at, of, layer]: Path): { tab: Tab; selection?: Selection } {
  if (part === "scenes" && typeof at === "number") {
    return {
      tab: "scene",
      selection: of === "layers" && typeof layer === "number" ? { scene: at, layer } : { scene: at },
    };
  }
  if (part === "page") return { tab: "page" };
  if (part === "requirements" || part === "groups" || part === "fallbacks") return { tab: "rules" };
  if (part === "samples" || part === undefined) return { tab: "json" };
  return { tab: "brand" };
}

/** Puts the keyboard into the field of a setting, of what is in it, or of what it belongs to. Returns whether there is one. */
export function focusSetting(path: Path): boolean {
  for (let length = path.length; length > 0; length -= 1) {
    const key = CSS.escape(path.slice(0, length).join("."));
    const fields = document.querySelectorAll<HTMLElement>(
      `[data-panel] [data-path="${key}"], [data-panel] [data-path^="${key}\\."]`,
    );
    for (const field of fields) {
      const focusable = field.matches(FOCUSABLE) ? field : field.querySelector<HTMLElement>(FOCUSABLE);
      if (focusable === null) continue;
      field.scrollIntoView({ block: "center" });
      focusable.focus({ preventScroll: true });
      return true;
    }
  }
  return false;
}

const FOCUSABLE = ":is(input, textarea, select, button):enabled";

/** A path as people read it: `scene “offer”, layer 2, text`. */
export function settingWords(path: Path, sceneNames: readonly string[]): string {
  const words: string[] = [];
  for (let at = 0; at < path.length; at += 1) {
    const [step, next] = [path[at], path[at + 1]];
    if (step === "scenes" && typeof next === "number") words.push(`scene “${sceneNames[next] ?? next + 1}”`);
    else if (typeof step === "string" && typeof next === "number") words.push(`${singular(step)} ${next + 1}`);
    else if (typeof step === "string") words.push(NAMES[step] ?? step);
    if (typeof next === "number") at += 1;
  }
  const text = words.join(", ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const singular = (word: string) => word.replace(/s$/, "");

const NAMES: Readonly<Record<string, string>> = {
  durationMs: "duration",
  fromMs: "begin",
  untilMs: "end",
  url: "address",
  when: "rule",
  atMs: "moment",
};
