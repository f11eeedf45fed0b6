import type { ProfileInput } from "@inlet/contracts";
import { ColorInput, NumberInput, SimpleGrid, Stack, Switch, Textarea, TextInput } from "@mantine/core";
import { useRef } from "react";
import { Section } from "../../../../parts/section.tsx";
import { useProblems } from "../../../profile-parts/problems.ts";
import { withSetting } from "../../../profile-parts/setting.ts";
import { LinkFields } from "./link-fields.tsx";
import { type FormSectionProps, numberOf } from "./parts.ts";

type Links = NonNullable<ProfileInput["links"]>;
type LinkPage = NonNullable<Links["page"]>;

const DAYS = 365;
const COLOUR = "#2b4bff";

/** Personal links: whether every row gets one, how long it works, and what its page says. */
export function LinksSection({ profile, onChange }: FormSectionProps) {
  const problemAt = useProblems();
  const { links } = profile;
  // Switched off and on again, nothing is lost.
  const before = useRef<Links>({});
  if (links !== undefined) before.current = links;
  const set = (changed: Links) => onChange({ ...profile, links: changed });
  const page = links?.page ?? {};
  const setPage = (changed: LinkPage) =>
    set(withSetting(links ?? {}, "page", Object.keys(changed).length === 0 ? undefined : changed));
  const columns = [...new Set(profile.tables.flatMap((table) => table.columns.map(({ name }) => name)))];
  return (
    <Section title="Personal links">
      <Stack gap="md">
        <Switch
          label="Every row gets a personal link"
          description="The client's file comes back with a link to a page of its own for each row."
          checked={links !== undefined}
          error={problemAt(["links"])}
          onChange={(event) =>
            event.currentTarget.checked ? set(before.current) : onChange(withSetting(profile, "links", undefined))
          }
        />
        {links !== undefined && (
          <>
            <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
              <NumberInput
                label="Links work for, days"
                description="Counted from the day on which they are made."
                min={1}
                max={3650}
                allowDecimal={false}
                placeholder={String(DAYS)}
                value={links.expiresAfterDays ?? ""}
                error={problemAt(["links", "expiresAfterDays"])}
                onChange={(value) => set(withSetting(links, "expiresAfterDays", numberOf(value), DAYS))}
              />
              <TextInput
                label="The result file's name begins with"
                placeholder="PURL_"
                description="{name}, {date} and others may stand in."
                maxLength={50}
                value={links.prefix ?? "PURL_"}
                error={problemAt(["links", "prefix"])}
                onChange={({ currentTarget: { value } }) =>
                  // No prefix is a choice, too.
                  set(value === "PURL_" ? withSetting(links, "prefix", undefined) : { ...links, prefix: value })
                }
              />
              <TextInput
                label="And ends with"
                description="Before its extension. May be empty."
                maxLength={50}
                value={links.suffix ?? ""}
                error={problemAt(["links", "suffix"])}
                onChange={(event) => set(withSetting(links, "suffix", event.currentTarget.value))}
              />
            </SimpleGrid>
            <TextInput
              label="The page's title"
              description="{{column}} stands for what the row has there."
              placeholder="For you"
              maxLength={200}
              value={page.title ?? ""}
              error={problemAt(["links", "page", "title"])}
              onChange={(event) => setPage(withSetting(page, "title", event.currentTarget.value))}
            />
            <Textarea
              label="Its text"
              autosize
              minRows={2}
              maxRows={10}
              maxLength={2000}
              value={page.text ?? ""}
              error={problemAt(["links", "page", "text"])}
              onChange={(event) => setPage(withSetting(page, "text", event.currentTarget.value))}
            />
            <LinkFields
              fields={page.fields ?? []}
              columns={columns}
              onChange={(fields) => setPage(withSetting(page, "fields", fields))}
            />
            <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
              <TextInput
                label="Button"
                description="What it says. Empty: there is none."
                maxLength={100}
                value={page.button?.label ?? ""}
                error={problemAt(["links", "page", "button", "label"])}
                onChange={({ currentTarget: { value } }) => setPage(withButton(page, { label: value }))}
              />
              <TextInput
                label="It leads to"
                type="url"
                placeholder="https://example.com/spring"
                description="A web address."
                value={page.button?.url ?? ""}
                error={problemAt(["links", "page", "button", "url"]) ?? problemAt(["links", "page", "button"])}
                onChange={({ currentTarget: { value } }) => setPage(withButton(page, { url: value }))}
              />
              <ColorInput
                label="Colour"
                description="Of the button and the title."
                format="hex"
                eyeDropperButtonProps={{ "aria-label": "Take a colour from the screen" }}
                value={page.colour ?? COLOUR}
                error={problemAt(["links", "page", "colour"])}
                onChange={(colour) => setPage(withSetting(page, "colour", colour, COLOUR))}
              />
            </SimpleGrid>
          </>
        )}
      </Stack>
    </Section>
  );
}

function withButton(page: LinkPage, part: Partial<NonNullable<LinkPage["button"]>>): LinkPage {
  const button = { label: "", url: "", ...page.button, ...part };
  return withSetting(page, "button", button.label === "" && button.url === "" ? undefined : button);
}
