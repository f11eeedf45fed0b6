import { type StoredAsset, type Storyboard, type StoryboardInput, storyboardSchema } from "@inlet/contracts";

type SceneInput = StoryboardInput["scenes"][number];
type LayerInput = NonNullable<SceneInput["layers"]>[number];
type TextInput = Extract<LayerInput, { kind: "text" }>;

export const BOX = { x: 100, y: 100, width: 600, height: 100 };

/** A storyboard with one scene and whatever else a test is about. */
export function buildStoryboard(overrides: Partial<StoryboardInput> = {}): Storyboard {
  return storyboardSchema.parse({ title: "A test", scenes: [buildScene()], ...overrides });
}

export function buildScene(overrides: Partial<SceneInput> = {}): SceneInput {
  return { name: "hello", durationMs: 4_000, ...overrides };
}

export function buildText(text: TextInput["text"], overrides: Partial<TextInput> = {}): TextInput {
  return { kind: "text", text, box: BOX, ...overrides };
}

export function buildAsset(name: string, overrides: Partial<StoredAsset> = {}): StoredAsset {
  return {
    name,
    kind: "image",
    sha256: name.length.toString(16).padStart(64, "0"),
    mediaType: "image/webp",
    sizeBytes: 10,
    width: 10,
    height: 10,
    durationMs: null,
    ...overrides,
  };
}
