import { expect, test } from "vitest";
import { placeOfSetting, settingWords } from "./tabs.ts";

test("a problem leads to where its setting is changed", () => {
  expect(placeOfSetting(["scenes", 2, "layers", 1, "text"])).toEqual({
    tab: "scene",
    selection: { scene: 2, layer: 1 },
  });
  expect(placeOfSetting(["scenes", 2, "caption"])).toEqual({ tab: "scene", selection: { scene: 2 } });
  expect(placeOfSetting(["page", "button", "url"])).toEqual({ tab: "page" });
  expect(placeOfSetting(["requirements", 0, "message"])).toEqual({ tab: "rules" });
  expect(placeOfSetting(["music", "asset"])).toEqual({ tab: "brand" });
  expect(placeOfSetting(["samples", 0])).toEqual({ tab: "json" });
});

test("a path is read as words", () => {
  expect(settingWords(["scenes", 1, "layers", 0, "text"], ["hello", "offer"])).toBe("Scene “offer”, layer 1, text");
  expect(settingWords(["page", "button", "url"], [])).toBe("Page, button, address");
});
