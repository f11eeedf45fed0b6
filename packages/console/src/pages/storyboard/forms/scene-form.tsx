import { languageDirection } from "@inlet/storyboard";
import { NativeSelect, SimpleGrid, Slider, Switch, Text, TextInput } from "@mantine/core";
import { withSetting } from "../../profile-parts/setting.ts";
import { AssetPicker } from "../assets/asset-picker.tsx";
import type { DraftScene } from "../state/draft.ts";
import { useEditor } from "../state/editor-context.ts";
import { freshName, sceneNames, withDuration, withScene, withSceneRenamed } from "../state/scenes.ts";
import { ConditionEditor } from "./condition-editor.tsx";
import { useField } from "./field.ts";
import { FormPart } from "./form-part.tsx";
import { withPart } from "./form-values.ts";
import { LayerList } from "./layer-list.tsx";
import { LoudnessInput } from "./loudness-input.tsx";
import { PaintInput } from "./paint-input.tsx";
import { SecondsInput } from "./seconds-input.tsx";
import { WordsInput } from "./words-input.tsx";

type Background = NonNullable<DraftScene["background"]>;
type Transition = NonNullable<DraftScene["transition"]>;

const TRANSITIONS = [
  { value: "cut", label: "At once" },
  { value: "fade", label: "Fade" },
  { value: "slide", label: "Slide" },
  { value: "wipe", label: "Wipe" },
] as const;

/** What the selected scene is: its time, background and words, and when it plays. */
export function SceneForm() {
  const { draft, selection, change, languages } = useEditor();
  const field = useField();
  const at = selection.scene;
  const scene = draft.scenes[at]!;
  const path = ["scenes", at];
  const put = (next: DraftScene, of: string) => change(withScene(draft, at, next), { key: `${path.join(".")}.${of}` });
  const set = <Key extends keyof DraftScene>(key: Key, value: DraftScene[Key] | undefined, usual?: DraftScene[Key]) =>
    put(withSetting(scene, key, value, usual), key);
  const background = scene.background ?? {};
  const setBackground = <Key extends keyof Background>(
    key: Key,
    value: Background[Key] | undefined,
    usual?: Background[Key],
  ) => put(withSetting(scene, "background", withPart(scene.background, key, value, usual)), `background.${key}`);
  const transition = scene.transition ?? {};
  const setTransition = <Key extends keyof Transition>(
    key: Key,
    value: Transition[Key] | undefined,
    usual?: Transition[Key],
  ) => put(withSetting(scene, "transition", withPart(scene.transition, key, value, usual)), `transition.${key}`);
  const hasPicture = background.asset !== undefined;
  return (
    <>
      <FormPart title="Scene">
        <SimpleGrid cols={2} spacing="xs">
          <TextInput
            size="xs"
            label="Name"
            maxLength={60}
            value={scene.name}
            {...field([...path, "name"])}
            onChange={(event) => {
              const name = event.currentTarget.value.toLowerCase().replaceAll(/[^a-z0-9-]+/g, "-");
              change(withSceneRenamed(draft, at, name), { key: `${path.join(".")}.name` });
            }}
            onBlur={() => {
              const others = sceneNames(draft).toSpliced(at, 1);
              const name = scene.name.replace(/^-+/, "");
              const whole = freshName(others, name === "" ? "scene" : name);
              if (others.includes(scene.name) || name !== scene.name || name === "")
                change(withSceneRenamed(draft, at, whole));
            }}
          />
          <SecondsInput
            label="Duration"
            valueMs={scene.durationMs}
            minMs={200}
            maxMs={120_000}
            step={0.5}
            {...field([...path, "durationMs"])}
            onMs={(ms) => ms !== undefined && put(withDuration(scene, ms), "durationMs")}
          />
        </SimpleGrid>
        {at > 0 && (
          <SimpleGrid cols={2} spacing="xs">
            <NativeSelect
              size="xs"
              label="Comes by"
              data={[...TRANSITIONS]}
              value={transition.kind ?? "fade"}
              {...field([...path, "transition", "kind"])}
              onChange={(event) => setTransition("kind", event.currentTarget.value as Transition["kind"], "fade")}
            />
            <SecondsInput
              label="Within"
              valueMs={transition.durationMs ?? 500}
              maxMs={3_000}
              disabled={transition.kind === "cut"}
              {...field([...path, "transition", "durationMs"])}
              onMs={(ms) => setTransition("durationMs", ms, 500)}
            />
          </SimpleGrid>
        )}
      </FormPart>
      <LayerList />
      {(draft.language?.column !== undefined || languages.some((each) => languageDirection(each) === "rtl")) && (
        <FormPart title="From right to left">
          <Switch
            size="xs"
            label="Layers stand mirrored"
            description="In languages such as Arabic or Hebrew: what is left is right, and slides the other way."
            checked={scene.mirror ?? false}
            onChange={(event) => set("mirror", event.currentTarget.checked, false)}
          />
        </FormPart>
      )}
      <FormPart title="Background">
        <PaintInput
          label="Colour"
          value={background.colour ?? "brand"}
          {...field([...path, "background", "colour"])}
          onChange={(colour) => setBackground("colour", colour, "brand")}
        />
        <Switch
          size="xs"
          label="Runs into a second colour"
          checked={background.to !== undefined}
          onChange={(event) => setBackground("to", event.currentTarget.checked ? "accent" : undefined)}
        />
        {background.to !== undefined && (
          <PaintInput
            label="Second colour"
            value={background.to}
            {...field([...path, "background", "to"])}
            onChange={(to) => setBackground("to", to)}
          />
        )}
        <AssetPicker
          label="Picture or video"
          kinds={["image", "video"]}
          clearable
          byRow
          value={background.asset}
          path={[...path, "background", "asset"]}
          onChange={(asset) => setBackground("asset", asset)}
        />
        {hasPicture && (
          <>
            <SimpleGrid cols={2} spacing="xs">
              <NativeSelect
                size="xs"
                label="It"
                data={[
                  { value: "cover", label: "fills the stage" },
                  { value: "contain", label: "is shown whole" },
                ]}
                value={background.fit ?? "cover"}
                {...field([...path, "background", "fit"])}
                onChange={(event) => setBackground("fit", event.currentTarget.value as Background["fit"], "cover")}
              />
              <NativeSelect
                size="xs"
                label="And slowly"
                data={[
                  { value: "none", label: "stands still" },
                  { value: "zoom_in", label: "comes nearer" },
                  { value: "zoom_out", label: "goes away" },
                ]}
                value={background.motion ?? "none"}
                {...field([...path, "background", "motion"])}
                onChange={(event) => setBackground("motion", event.currentTarget.value as Background["motion"], "none")}
              />
            </SimpleGrid>
            <div>
              <Text fz="xs" fw={500} mb={4}>
                Darkened by {Math.round((background.dim ?? 0) * 100)} %, so that words on it can be read
              </Text>
              <Slider
                size="sm"
                label={null}
                min={0}
                max={90}
                step={5}
                thumbLabel="How much the picture is darkened"
                value={Math.round((background.dim ?? 0) * 100)}
                onChange={(value) => setBackground("dim", value / 100, 0)}
              />
            </div>
          </>
        )}
      </FormPart>
      <FormPart title="Words beside it">
        <WordsInput
          label="Caption"
          description="What is said or heard, for those who do not hear it."
          maxLength={500}
          value={scene.caption}
          {...field([...path, "caption"])}
          onChange={(caption) => set("caption", caption)}
        />
        <WordsInput
          label="Chapter"
          description="The title of the chapter that begins here."
          single
          maxLength={80}
          value={scene.chapter}
          {...field([...path, "chapter"])}
          onChange={(chapter) => set("chapter", chapter)}
        />
      </FormPart>
      <FormPart title="Sound">
        <AssetPicker
          label="Plays from its begin"
          kinds={["audio"]}
          clearable
          byRow
          value={scene.audio?.asset}
          path={[...path, "audio", "asset"]}
          onChange={(asset) => set("audio", asset === undefined ? undefined : { ...scene.audio, asset })}
        />
        {scene.audio !== undefined && (
          <LoudnessInput
            volume={scene.audio.volume ?? 1}
            path={[...path, "audio", "volume"]}
            onChange={(volume) => set("audio", withSetting(scene.audio!, "volume", volume, 1))}
          />
        )}
      </FormPart>
      <FormPart title="When it plays">
        <ConditionEditor
          what="This scene plays"
          otherwise={scene.group === undefined ? "for everybody" : `whenever its group does`}
          value={scene.when}
          path={[...path, "when"]}
          onChange={(when) => set("when", when)}
        />
        {(draft.groups ?? []).length > 0 && (
          <NativeSelect
            size="xs"
            label="Group"
            description="Scenes of a group play together or not at all. Groups are made under Rules."
            data={[{ value: "", label: "None" }, ...(draft.groups ?? []).map(({ name }) => name)]}
            value={scene.group ?? ""}
            {...field([...path, "group"])}
            onChange={(event) => set("group", event.currentTarget.value)}
          />
        )}
      </FormPart>
    </>
  );
}
