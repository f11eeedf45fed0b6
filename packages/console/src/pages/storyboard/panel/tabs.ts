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

/** Puts the keyboard into the field of a setting, or of what it belongs to. Resolves to whether there is one. */
export function focusSetting(path: Path): boolean {
  for (let length = path.length; length > 0; length -= 1) {
    const key = path.slice(0, length).join(".");
    const field = document.querySelector<HTMLElement>(`[data-panel] [data-path="${CSS.escape(key)}"]`);
    if (field === null) continue;
    field.scrollIntoView({ block: "center" });
    const focusable = field.matches("input, textarea, select, button")
      ? field
      : field.querySelector<HTMLElement>("input, textarea, select, button");
    focusable?.focus({ preventScroll: true });
    return true;
  }
  return false;
}

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
