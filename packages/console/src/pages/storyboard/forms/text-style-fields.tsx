import { Group, NativeSelect, NumberInput, SegmentedControl, Switch } from "@mantine/core";
import {
  IconAlignCenter,
  IconAlignLeft,
  IconAlignRight,
  IconLayoutAlignBottom,
  IconLayoutAlignMiddle,
  IconLayoutAlignTop,
} from "@tabler/icons-react";
import type { DraftLayer } from "../state/draft.ts";
import { type Path, useField } from "./field.ts";
import { numberOf } from "./form-values.ts";
import { PaintInput } from "./paint-input.tsx";

interface TextStyleFieldsProps {
  layer: Extract<DraftLayer, { kind: "text" | "button" }>;
  path: Path;
  onSet: (key: string, value: unknown, usual?: unknown) => void;
}

const FONTS = [
  { value: "sans", label: "Inter" },
  { value: "serif", label: "Lora" },
  { value: "display", label: "Fraunces" },
  { value: "mono", label: "JetBrains Mono" },
];

/** How words are set. */
export function TextStyleFields({ layer, path, onSet }: TextStyleFieldsProps) {
  const field = useField();
  return (
    <>
      <Group gap="xs" wrap="nowrap" align="flex-end">
        <NativeSelect
          size="xs"
          label="Font"
          flex={1}
          data={FONTS}
          value={layer.font ?? "sans"}
          {...field([...path, "font"])}
          onChange={(event) => onSet("font", event.currentTarget.value, "sans")}
        />
        <NumberInput
          size="xs"
          label="Size"
          w={84}
          suffix=" px"
          min={8}
          max={400}
          allowDecimal={false}
          value={layer.size ?? 48}
          {...field([...path, "size"])}
          onChange={(value) => onSet("size", numberOf(value), 48)}
        />
        <Switch
          size="xs"
          label="Bold"
          mb={7}
          checked={layer.bold ?? false}
          onChange={(event) => onSet("bold", event.currentTarget.checked, false)}
        />
      </Group>
      <PaintInput
        label="Text colour"
        value={layer.colour ?? "#ffffff"}
        {...field([...path, "colour"])}
        onChange={(colour) => onSet("colour", colour, "#ffffff")}
      />
      <Group gap="xs" grow>
        <SegmentedControl
          size="xs"
          aria-label="Lines stand"
          data={[
            { value: "start", label: <Sign icon={IconAlignLeft} says="at the begin" /> },
            { value: "centre", label: <Sign icon={IconAlignCenter} says="in the middle" /> },
            { value: "end", label: <Sign icon={IconAlignRight} says="at the end" /> },
          ]}
          value={layer.align ?? "start"}
          onChange={(align) => onSet("align", align, "start")}
        />
        <SegmentedControl
          size="xs"
          aria-label="In its box the text stands"
          data={[
            { value: "top", label: <Sign icon={IconLayoutAlignTop} says="at the top" /> },
            { value: "middle", label: <Sign icon={IconLayoutAlignMiddle} says="in the middle" /> },
            { value: "bottom", label: <Sign icon={IconLayoutAlignBottom} says="at the bottom" /> },
          ]}
          value={layer.vertical ?? "middle"}
          onChange={(vertical) => onSet("vertical", vertical, "middle")}
        />
      </Group>
    </>
  );
}

function Sign({ icon: Icon, says }: { icon: typeof IconAlignLeft; says: string }) {
  return (
    <span title={says} style={{ display: "grid", placeItems: "center", height: "1.125rem" }}>
      <Icon size={15} stroke={1.7} aria-hidden />
      <span className="only-for-readers">{says}</span>
    </span>
  );
}
