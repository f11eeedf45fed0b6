import { ActionIcon, Group, NumberInput, SegmentedControl, SimpleGrid, TextInput, Tooltip } from "@mantine/core";
import { IconArrowLeft, IconCopy, IconStackBack, IconStackFront, IconTrash } from "@tabler/icons-react";
import { withSetting } from "../../profile-parts/setting.ts";
import { AssetPicker } from "../assets/asset-picker.tsx";
import { type DraftLayer, layersOf } from "../state/draft.ts";
import { useEditor } from "../state/editor-context.ts";
import { layerTimes, withLayer, withLayerCopied, withLayerMoved, withoutLayer, withTimes } from "../state/layers.ts";
import { BoxFields } from "./box-fields.tsx";
import { ConditionEditor } from "./condition-editor.tsx";
import { useField } from "./field.ts";
import { FormPart } from "./form-part.tsx";
import { numberOf } from "./form-values.ts";
import { LAYER_WORDS } from "./layer-words.ts";
import { MotionFields } from "./motion-fields.tsx";
import { PaintInput } from "./paint-input.tsx";
import { SecondsInput } from "./seconds-input.tsx";
import { TextStyleFields } from "./text-style-fields.tsx";
import { WordsInput } from "./words-input.tsx";

type LayerOf<Kind extends DraftLayer["kind"]> = Extract<DraftLayer, { kind: Kind }>;

/** What the selected layer is, where and when, and how it comes and goes. */
export function LayerForm() {
  const { draft, selection, change, select } = useEditor();
  const field = useField();
  const { scene: sceneAt, layer: at = 0 } = selection;
  const scene = draft.scenes[sceneAt]!;
  const layers = layersOf(scene);
  const layer = layers[at]!;
  const path = ["scenes", sceneAt, "layers", at];
  const put = (next: DraftLayer, of: string) =>
    change(withLayer(draft, sceneAt, at, next), { key: `${path.join(".")}.${of}` });
  /** One setting of the layer, whatever its kind. */
  const set = (key: string, value: unknown, usual?: unknown) =>
    put(withSetting(layer as unknown as Record<string, unknown>, key, value, usual) as unknown as DraftLayer, key);
  const times = layerTimes(layer, scene.durationMs);
  return (
    <>
      <FormPart
        title={LAYER_WORDS[layer.kind]}
        actions={
          <Group gap={2}>
            <Act icon={IconArrowLeft} label="Back to the scene" onClick={() => select({ scene: sceneAt })} />
            <Act
              icon={IconStackFront}
              label="Bring forward"
              disabled={at === layers.length - 1}
              onClick={() =>
                change(withLayerMoved(draft, sceneAt, at, at + 1), { selection: { scene: sceneAt, layer: at + 1 } })
              }
            />
            <Act
              icon={IconStackBack}
              label="Send backward"
              disabled={at === 0}
              onClick={() =>
                change(withLayerMoved(draft, sceneAt, at, at - 1), { selection: { scene: sceneAt, layer: at - 1 } })
              }
            />
            <Act
              icon={IconCopy}
              label="Duplicate"
              disabled={layers.length >= 40}
              onClick={() =>
                change(withLayerCopied(draft, sceneAt, at), { selection: { scene: sceneAt, layer: at + 1 } })
              }
            />
            <Act
              icon={IconTrash}
              label="Delete"
              onClick={() => change(withoutLayer(draft, sceneAt, at), { selection: { scene: sceneAt } })}
            />
          </Group>
        }
      >
        {layer.kind === "text" && (
          <WordsInput
            label="Text"
            maxLength={500}
            minRows={2}
            value={layer.text}
            {...field([...path, "text"], "also within")}
            onChange={(text) => put({ ...layer, text }, "text")}
          />
        )}
        {layer.kind === "button" && <ButtonFields layer={layer} path={path} put={put} />}
        {layer.kind === "image" && (
          <>
            <AssetPicker
              label="Picture"
              kinds={["image"]}
              byRow
              placeholder="Choose one, upload one, or drop one here"
              value={layer.asset === "" ? undefined : layer.asset}
              path={[...path, "asset"]}
              onChange={(asset) => asset !== undefined && put({ ...layer, asset }, "asset")}
            />
            <SegmentedControl
              size="xs"
              aria-label="How the picture fits its box"
              data={[
                { value: "contain", label: "Shown whole" },
                { value: "cover", label: "Fills its box" },
              ]}
              value={layer.fit ?? "contain"}
              onChange={(fit) => set("fit", fit, "contain")}
            />
          </>
        )}
        {layer.kind === "shape" && (
          <PaintInput
            label="Colour"
            value={layer.colour}
            {...field([...path, "colour"])}
            onChange={(colour) => put({ ...layer, colour }, "colour")}
          />
        )}
      </FormPart>
      {(layer.kind === "text" || layer.kind === "button") && (
        <FormPart title="Type">
          <TextStyleFields layer={layer} path={path} onSet={set} />
        </FormPart>
      )}
      <FormPart title="Place">
        <BoxFields
          box={layer.box}
          path={[...path, "box"]}
          onChange={(box, of) => put({ ...layer, box }, `box.${of}`)}
        />
        <SimpleGrid cols={2} spacing="xs">
          {layer.kind !== "text" && (
            <NumberInput
              size="xs"
              label="Round corners"
              suffix=" px"
              min={0}
              max={2_000}
              allowDecimal={false}
              value={layer.radius ?? (layer.kind === "button" ? 40 : 0)}
              {...field([...path, "radius"])}
              onChange={(value) => set("radius", numberOf(value), layer.kind === "button" ? 40 : 0)}
            />
          )}
          <NumberInput
            size="xs"
            label="Opacity"
            suffix=" %"
            min={0}
            max={100}
            allowDecimal={false}
            value={Math.round((layer.opacity ?? 1) * 100)}
            {...field([...path, "opacity"])}
            onChange={(value) => typeof value === "number" && set("opacity", value / 100, 1)}
          />
        </SimpleGrid>
      </FormPart>
      <FormPart title="Time and motion">
        <SimpleGrid cols={2} spacing="xs">
          <SecondsInput
            label="Comes after"
            valueMs={times.fromMs}
            maxMs={Math.max(0, times.untilMs - 100)}
            {...field([...path, "fromMs"])}
            onMs={(ms) => put(withTimes(layer, ms ?? 0, times.untilMs, scene.durationMs), "fromMs")}
          />
          <SecondsInput
            label="Is gone after"
            placeholder="The scene's end"
            valueMs={layer.untilMs}
            minMs={times.fromMs + 100}
            maxMs={scene.durationMs}
            {...field([...path, "untilMs"])}
            onMs={(ms) => put(withTimes(layer, times.fromMs, ms ?? scene.durationMs, scene.durationMs), "untilMs")}
          />
        </SimpleGrid>
        <MotionFields
          label="Comes by"
          value={layer.enter}
          usual="fade"
          path={[...path, "enter"]}
          onChange={(enter) => set("enter", enter)}
        />
        <MotionFields
          label="Goes by"
          value={layer.leave}
          usual="none"
          path={[...path, "leave"]}
          onChange={(leave) => set("leave", leave)}
        />
      </FormPart>
      <FormPart title="When it is shown">
        <ConditionEditor
          what="It is shown"
          otherwise="whenever the scene plays"
          value={layer.when}
          path={[...path, "when"]}
          onChange={(when) => set("when", when)}
        />
      </FormPart>
    </>
  );
}

interface ActProps {
  icon: typeof IconCopy;
  label: string;
  disabled?: boolean;
  onClick: () => void;
}

function Act({ icon: Icon, label, disabled = false, onClick }: ActProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size="md" aria-label={label} disabled={disabled} onClick={onClick}>
        <Icon size={16} stroke={1.7} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

interface ButtonFieldsProps {
  layer: LayerOf<"button">;
  path: readonly (string | number)[];
  put: (layer: DraftLayer, of: string) => void;
}

function ButtonFields({ layer, path, put }: ButtonFieldsProps) {
  const field = useField();
  return (
    <>
      <WordsInput
        label="It says"
        single
        maxLength={60}
        value={layer.label}
        {...field([...path, "label"], "also within")}
        onChange={(label) => put({ ...layer, label }, "label")}
      />
      <TextInput
        size="xs"
        label="It opens"
        description="{{column}} stands for the row's value in its path and after ? or #."
        placeholder="https://www.example.org/offer?code={{code}}"
        maxLength={1_000}
        value={layer.url}
        {...field([...path, "url"])}
        onChange={(event) => put({ ...layer, url: event.currentTarget.value }, "url")}
      />
      <TextInput
        size="xs"
        label="Clicks are counted as"
        maxLength={40}
        value={layer.name}
        {...field([...path, "name"])}
        onChange={(event) =>
          put({ ...layer, name: event.currentTarget.value.toLowerCase().replaceAll(/[^a-z0-9-]+/g, "-") }, "name")
        }
      />
      <PaintInput
        label="Button's colour"
        value={layer.background ?? "brand"}
        {...field([...path, "background"])}
        onChange={(background) => put(withSetting(layer, "background", background, "brand"), "background")}
      />
    </>
  );
}
