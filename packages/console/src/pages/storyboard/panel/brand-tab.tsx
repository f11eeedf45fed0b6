import { STAGES } from "@inlet/contracts";
import {
  Autocomplete,
  ColorInput,
  Group,
  NativeSelect,
  Pill,
  SimpleGrid,
  Switch,
  Text,
  TextInput,
} from "@mantine/core";
import { useState } from "react";
import { withSetting } from "../../profile-parts/setting.ts";
import { AssetPicker } from "../assets/asset-picker.tsx";
import { useField } from "../forms/field.ts";
import { FormPart } from "../forms/form-part.tsx";
import { withPart } from "../forms/form-values.ts";
import { LoudnessInput } from "../forms/loudness-input.tsx";
import { PaintInput } from "../forms/paint-input.tsx";
import { SecondsInput } from "../forms/seconds-input.tsx";
import type { Draft } from "../state/draft.ts";
import { useEditor } from "../state/editor-context.ts";

const STAGE_WORDS: Readonly<Record<keyof typeof STAGES, string>> = {
  landscape: "Landscape, 16 : 9",
  square: "Square",
  portrait: "Portrait, 9 : 16",
};

/** What holds for the whole storyboard: its name, shape, colours, language, poster and music. */
export function BrandTab() {
  const { draft, storyboard, change, columns } = useEditor();
  const field = useField();
  const set = <Key extends keyof Draft>(key: Key, value: Draft[Key] | undefined, usual?: Draft[Key]) =>
    change(withSetting(draft, key, value, usual), { key });
  const brand = draft.brand ?? {};
  return (
    <>
      <FormPart title="Storyboard">
        <TextInput
          size="xs"
          label="Title"
          description="For you and your team; recipients do not see it."
          maxLength={100}
          value={draft.title}
          {...field(["title"])}
          onChange={(event) => change({ ...draft, title: event.currentTarget.value }, { key: "title" })}
        />
        <NativeSelect
          size="xs"
          label="Shape"
          description="Layers keep their places: choose it before you begin."
          data={Object.entries(STAGE_WORDS).map(([value, label]) => ({
            value,
            label: `${label} (${STAGES[value as keyof typeof STAGES].width} × ${STAGES[value as keyof typeof STAGES].height})`,
          }))}
          value={draft.stage ?? "landscape"}
          {...field(["stage"])}
          onChange={(event) => set("stage", event.currentTarget.value as Draft["stage"], "landscape")}
        />
      </FormPart>
      <FormPart title="Colours">
        <SimpleGrid cols={2} spacing="xs">
          <ColorInput
            size="xs"
            label="Brand"
            withEyeDropper={false}
            value={storyboard.brand.colour}
            {...field(["brand", "colour"])}
            onChange={(colour) => isColour(colour) && set("brand", { ...brand, colour })}
          />
          <ColorInput
            size="xs"
            label="Accent"
            withEyeDropper={false}
            value={storyboard.brand.accent}
            {...field(["brand", "accent"])}
            onChange={(accent) => isColour(accent) && set("brand", { ...brand, accent })}
          />
        </SimpleGrid>
        <Text fz="xs" c="var(--quiet)">
          Whatever is painted “Brand” or “Accent” changes with them, in the film and on the page.
        </Text>
        <PaintInput
          label="Beside the film, where the player is wider"
          value={draft.surround ?? "#000000"}
          {...field(["surround"])}
          onChange={(surround) => set("surround", surround, "#000000")}
        />
      </FormPart>
      <FormPart title="Poster">
        <Text fz="xs" c="var(--quiet)">
          The picture in the e-mail, and before the film plays.
        </Text>
        <SimpleGrid cols={2} spacing="xs">
          <NativeSelect
            size="xs"
            label="Out of"
            data={[
              { value: "", label: "the first scene that plays" },
              ...draft.scenes.map(({ name }) => ({ value: name, label: name })),
            ]}
            value={draft.poster?.scene ?? ""}
            {...field(["poster", "scene"])}
            onChange={(event) => set("poster", posterOf(draft.poster, event.currentTarget.value))}
          />
          <SecondsInput
            label="After"
            placeholder="Its middle"
            disabled={draft.poster === undefined}
            valueMs={draft.poster?.atMs}
            maxMs={draft.scenes.find(({ name }) => name === draft.poster?.scene)?.durationMs ?? 120_000}
            {...field(["poster", "atMs"])}
            onMs={(ms) => draft.poster && set("poster", withSetting(draft.poster, "atMs", ms))}
          />
        </SimpleGrid>
        <Switch
          size="xs"
          label="With a play button, in the e-mail"
          description={
            draft.poster === undefined
              ? "It is drawn where it covers no words. Choose a scene to leave it out."
              : "It is drawn where it covers no words."
          }
          disabled={draft.poster === undefined}
          checked={draft.poster?.playButton ?? true}
          onChange={(event) =>
            draft.poster && set("poster", withSetting(draft.poster, "playButton", event.currentTarget.checked, true))
          }
        />
      </FormPart>
      <FormPart title="Music">
        <AssetPicker
          label="Under the whole film"
          kinds={["audio"]}
          clearable
          byRow
          value={draft.music?.asset}
          path={["music", "asset"]}
          onChange={(asset) => set("music", asset === undefined ? undefined : { ...draft.music, asset })}
        />
        {draft.music !== undefined && (
          <SimpleGrid cols={2} spacing="xs">
            <LoudnessInput
              volume={draft.music.volume ?? 0.5}
              path={["music", "volume"]}
              onChange={(volume) => set("music", withSetting(draft.music!, "volume", volume, 0.5))}
            />
            <SecondsInput
              label="Fades out in"
              valueMs={draft.music.fadeOutMs ?? 1_000}
              maxMs={10_000}
              {...field(["music", "fadeOutMs"])}
              onMs={(ms) => set("music", withSetting(draft.music!, "fadeOutMs", ms, 1_000))}
            />
          </SimpleGrid>
        )}
      </FormPart>
      <FormPart title="Languages">
        <Languages />
        <NativeSelect
          size="xs"
          label="A recipient's language stands in"
          data={[{ value: "", label: "no column: all see the first one" }, ...columns.map(({ name }) => name)]}
          value={draft.language?.column ?? ""}
          {...field(["language", "column"])}
          onChange={(event) => set("language", withPart(draft.language, "column", event.currentTarget.value))}
        />
      </FormPart>
    </>
  );
}

/** The moment was one of another scene's; whether a play button is drawn is not. */
function posterOf(poster: Draft["poster"], scene: string): Draft["poster"] {
  if (scene === "") return undefined;
  return { scene, ...(poster?.playButton !== undefined && { playButton: poster.playButton }) };
}

const isColour = (text: string) => /^#[0-9a-f]{6}$/i.test(text);
const isLanguage = (text: string) => /^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?$/.test(text);
const KNOWN = [
  "ar",
  "cs",
  "da",
  "de",
  "en",
  "es",
  "fi",
  "fr",
  "he",
  "it",
  "ja",
  "ko",
  "nl",
  "no",
  "pl",
  "pt",
  "pt-BR",
  "ru",
  "sv",
  "tr",
  "uk",
  "zh",
];

/** Which languages its words are written in. */
function Languages() {
  const { draft, languages, language, addLanguage, change, isReadOnly } = useEditor();
  const field = useField();
  const [typed, setTyped] = useState("");
  const add = (next: string) => {
    const wanted = next.trim();
    if (isReadOnly || !isLanguage(wanted) || languages.includes(wanted)) return;
    addLanguage(wanted);
    setTyped("");
  };
  return (
    <>
      {languages.length > 1 && (
        <Group gap={6}>
          {languages.map((each) => (
            <Pill key={each} fw={each === language ? 640 : 400}>
              {each}
              {each === language && ", is written now"}
            </Pill>
          ))}
        </Group>
      )}
      <SimpleGrid cols={2} spacing="xs">
        <TextInput
          size="xs"
          label="First language"
          maxLength={12}
          value={draft.language?.default ?? "en"}
          disabled={languages.length > 1}
          {...field(["language", "default"])}
          onChange={(event) =>
            change(
              withSetting(
                draft,
                "language",
                withPart(draft.language, "default", event.currentTarget.value.trim(), "en"),
              ),
              { key: "language" },
            )
          }
        />
        <Autocomplete
          size="xs"
          label="Add another"
          placeholder="de, fr, pt-BR …"
          data={KNOWN.filter((each) => !languages.includes(each))}
          value={typed}
          onChange={setTyped}
          onOptionSubmit={add}
          onKeyDown={(event) => {
            if (event.key === "Enter") add(typed);
          }}
        />
      </SimpleGrid>
      <Text fz="xs" c="var(--quiet)">
        {languages.length > 1
          ? "Above the stage you choose which one is shown and written."
          : "Every text is then written once for each language."}
      </Text>
    </>
  );
}
