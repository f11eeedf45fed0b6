import { PLACEHOLDER_FORMATS } from "@inlet/contracts";
import { ActionIcon, Button, Group, NativeSelect, SegmentedControl, Stack, Switch, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { withSetting } from "../../profile-parts/setting.ts";
import { AssetPicker } from "../assets/asset-picker.tsx";
import { useField } from "../forms/field.ts";
import { FormPart } from "../forms/form-part.tsx";
import { WordsInput } from "../forms/words-input.tsx";
import type { Draft, Words } from "../state/draft.ts";
import { useEditor } from "../state/editor-context.ts";

type Page = NonNullable<Draft["page"]>;
type Field = NonNullable<Page["fields"]>[number];
type PageLink = NonNullable<Page["links"]>[number];

/** The page around the player: what it says, and how it is laid out. The stage shows it meanwhile. */
export function PageTab() {
  const { draft, change } = useEditor();
  const field = useField();
  const page = draft.page ?? {};
  const set = <Key extends keyof Page>(key: Key, value: Page[Key] | undefined, usual?: Page[Key]) => {
    const next = withSetting(page, key, value, usual);
    change(withSetting(draft, "page", Object.keys(next).length === 0 ? undefined : next), { key: `page.${key}` });
  };
  return (
    <>
      <FormPart title="Layout">
        <SegmentedControl
          size="xs"
          fullWidth
          aria-label="Layout"
          data={[
            { value: "card", label: "Card" },
            { value: "stage", label: "Stage" },
            { value: "split", label: "Side by side" },
          ]}
          value={page.template ?? "card"}
          onChange={(template) => set("template", template as Page["template"], "card")}
        />
        <AssetPicker
          label="Logo"
          kinds={["image"]}
          clearable
          value={page.logo}
          path={["page", "logo"]}
          onChange={(logo) => set("logo", typeof logo === "string" ? logo : undefined)}
        />
        <AssetPicker
          label="Favicon"
          kinds={["image"]}
          clearable
          placeholder="Made of the brand's colour"
          value={page.favicon}
          path={["page", "favicon"]}
          onChange={(favicon) => set("favicon", typeof favicon === "string" ? favicon : undefined)}
        />
      </FormPart>
      <FormPart title="Words">
        <WordsInput
          label="Title"
          single
          maxLength={200}
          placeholder="For you"
          value={page.title}
          {...field(["page", "title"], "also within")}
          onChange={(title) => set("title", title)}
        />
        <WordsInput
          label="Text"
          minRows={3}
          maxLength={2_000}
          value={page.text}
          {...field(["page", "text"], "also within")}
          onChange={(text) => set("text", text)}
        />
      </FormPart>
      <FormPart title="Button">
        <WordsInput
          label="It says"
          single
          maxLength={100}
          placeholder="Empty: there is none"
          value={page.button?.label}
          {...field(["page", "button", "label"], "also within")}
          onChange={(label) =>
            set("button", label === "" ? undefined : { url: page.button?.url ?? "https://www.example.org/", label })
          }
        />
        {page.button !== undefined && (
          <TextInput
            size="xs"
            label="It opens"
            description="{{column}} stands for the row's value in its path and after ? or #."
            maxLength={1_000}
            value={page.button.url}
            {...field(["page", "button", "url"])}
            onChange={(event) => set("button", { ...page.button!, url: event.currentTarget.value })}
          />
        )}
        <Switch
          size="xs"
          label="The film can be downloaded as an MP4"
          checked={page.download ?? false}
          onChange={(event) => set("download", event.currentTarget.checked, false)}
        />
      </FormPart>
      <Fields fields={page.fields ?? []} onChange={(fields) => set("fields", fields)} />
      <FormPart title="Foot">
        <WordsInput
          label="Footer"
          maxLength={1_000}
          value={page.footer}
          {...field(["page", "footer"], "also within")}
          onChange={(footer) => set("footer", footer)}
        />
        <Links links={page.links ?? []} onChange={(links) => set("links", links)} />
      </FormPart>
    </>
  );
}

const FORMATS = [{ value: "", label: "As in the file" }, ...PLACEHOLDER_FORMATS];

/** Values of the row that the page lists. */
function Fields({ fields, onChange }: { fields: readonly Field[]; onChange: (fields: Field[]) => void }) {
  const { columns } = useEditor();
  const field = useField();
  const names = columns.map(({ name }) => name);
  const add = () => {
    const column = names.find((name) => fields.every((each) => each.column !== name)) ?? names[0] ?? "";
    onChange([...fields, { column, label: title(column) }]);
  };
  return (
    <FormPart
      title="Values of the row"
      actions={
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<IconPlus size={13} aria-hidden />}
          disabled={names.length === 0}
          onClick={add}
        >
          Add
        </Button>
      }
    >
      {fields.map((each, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a field has no name of its own
        <Group key={at} gap={6} wrap="nowrap" align="flex-end">
          <Stack gap={6} flex={1} miw={0}>
            <Group gap={6} wrap="nowrap" grow>
              <NativeSelect
                size="xs"
                aria-label={`Value ${at + 1}: column`}
                data={names.includes(each.column) ? names : [each.column, ...names]}
                value={each.column}
                {...field(["page", "fields", at, "column"])}
                onChange={(event) => onChange(fields.with(at, { ...each, column: event.currentTarget.value }))}
              />
              <NativeSelect
                size="xs"
                aria-label={`Value ${at + 1}: written as`}
                data={FORMATS}
                value={each.format ?? ""}
                onChange={(event) =>
                  onChange(
                    fields.with(
                      at,
                      withSetting(each, "format", event.currentTarget.value as NonNullable<Field["format"]>),
                    ),
                  )
                }
              />
            </Group>
            <WordsInput
              label={`Label of ${each.column}`}
              single
              maxLength={100}
              value={each.label}
              {...field(["page", "fields", at, "label"], "also within")}
              onChange={(label) => onChange(fields.with(at, { ...each, label }))}
            />
          </Stack>
          <Remove label={`Remove ${each.column}`} onClick={() => onChange(fields.toSpliced(at, 1))} />
        </Group>
      ))}
    </FormPart>
  );
}

const title = (column: string) => {
  const words = column.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** Imprint, privacy notice and the like. */
function Links({ links, onChange }: { links: readonly PageLink[]; onChange: (links: PageLink[]) => void }) {
  const field = useField();
  return (
    <>
      {links.map((each, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a link has no name of its own
        <Group key={at} gap={6} wrap="nowrap" align="flex-end">
          <Stack gap={6} flex={1} miw={0}>
            <WordsInput
              label={`Link ${at + 1}`}
              single
              maxLength={60}
              value={each.label as Words}
              {...field(["page", "links", at, "label"], "also within")}
              onChange={(label) => onChange(links.with(at, { ...each, label }))}
            />
            <TextInput
              size="xs"
              aria-label={`Link ${at + 1} opens`}
              maxLength={1_000}
              value={each.url}
              {...field(["page", "links", at, "url"])}
              onChange={(event) => onChange(links.with(at, { ...each, url: event.currentTarget.value }))}
            />
          </Stack>
          <Remove label={`Remove link ${at + 1}`} onClick={() => onChange(links.toSpliced(at, 1))} />
        </Group>
      ))}
      <Button
        size="compact-xs"
        variant="default"
        style={{ alignSelf: "flex-start" }}
        leftSection={<IconPlus size={13} aria-hidden />}
        disabled={links.length >= 10}
        onClick={() =>
          onChange([
            ...links,
            { label: links.length === 0 ? "Imprint" : "Privacy", url: "https://www.example.org/imprint" },
          ])
        }
      >
        Add a link, such as the imprint
      </Button>
    </>
  );
}

function Remove({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={onClick}>
      <IconTrash size={15} aria-hidden />
    </ActionIcon>
  );
}
