import { STAGES } from "@inlet/contracts";
import { ActionIcon, Group, NumberInput, SimpleGrid, Text, Tooltip } from "@mantine/core";
import {
  IconLayoutAlignBottom,
  IconLayoutAlignCenter,
  IconLayoutAlignLeft,
  IconLayoutAlignMiddle,
  IconLayoutAlignRight,
  IconLayoutAlignTop,
} from "@tabler/icons-react";
import { usePreview } from "../preview/preview-context.ts";
import { type StageSize, safeArea } from "../stage/box.ts";
import { isMirrored } from "../stage/mirrored.ts";
import type { DraftBox } from "../state/draft.ts";
import { useEditor } from "../state/editor-context.ts";
import { type Path, useField } from "./field.ts";
import { numberOf } from "./form-values.ts";

interface BoxFieldsProps {
  box: DraftBox;
  path: Path;
  onChange: (box: DraftBox, of: string) => void;
}

const SIDES = [
  { key: "x", label: "From the left" },
  { key: "y", label: "From the top" },
  { key: "width", label: "Width" },
  { key: "height", label: "Height" },
] as const;

/** Where a box is laid by one press: at the safe area's edges and in the middle. */
const LAID: readonly {
  label: string;
  icon: typeof IconLayoutAlignLeft;
  lay: (box: DraftBox, stage: StageSize) => DraftBox;
}[] = [
  { label: "To the left margin", icon: IconLayoutAlignLeft, lay: (box, stage) => ({ ...box, x: safeArea(stage).x }) },
  {
    label: "In the middle, across",
    icon: IconLayoutAlignCenter,
    lay: (box, stage) => ({ ...box, x: Math.round((stage.width - box.width) / 2) }),
  },
  {
    label: "To the right margin",
    icon: IconLayoutAlignRight,
    lay: (box, stage) => ({ ...box, x: stage.width - safeArea(stage).x - box.width }),
  },
  { label: "To the top margin", icon: IconLayoutAlignTop, lay: (box, stage) => ({ ...box, y: safeArea(stage).y }) },
  {
    label: "In the middle, up and down",
    icon: IconLayoutAlignMiddle,
    lay: (box, stage) => ({ ...box, y: Math.round((stage.height - box.height) / 2) }),
  },
  {
    label: "To the bottom margin",
    icon: IconLayoutAlignBottom,
    lay: (box, stage) => ({ ...box, y: stage.height - safeArea(stage).y - box.height }),
  },
];

/** Where a layer lies, in the stage's pixels. The stage itself does the same by dragging. */
export function BoxFields({ box, path, onChange }: BoxFieldsProps) {
  const { draft, storyboard, selection, isReadOnly } = useEditor();
  const { film } = usePreview();
  const field = useField();
  return (
    <>
      {isMirrored(draft.scenes[selection.scene]!, film) && (
        <Text fz="xs" c="var(--quiet)">
          This scene is seen mirrored now: what is from the left here lies from the right on the stage.
        </Text>
      )}
      <SimpleGrid cols={4} spacing={6}>
        {SIDES.map(({ key, label }) => (
          <NumberInput
            key={key}
            size="xs"
            label={label}
            hideControls
            allowDecimal={false}
            min={key === "x" || key === "y" ? -2_000 : 1}
            max={4_000}
            value={box[key]}
            {...field([...path, key])}
            onChange={(value) => numberOf(value) !== undefined && onChange({ ...box, [key]: numberOf(value)! }, key)}
          />
        ))}
      </SimpleGrid>
      <Group gap={4} justify="space-between">
        {LAID.map(({ label, icon: Icon, lay }) => (
          <Tooltip key={label} label={label}>
            <ActionIcon
              variant="default"
              size="md"
              aria-label={label}
              disabled={isReadOnly}
              onClick={() => onChange(lay(box, STAGES[storyboard.stage]), label)}
            >
              <Icon size={16} stroke={1.6} aria-hidden />
            </ActionIcon>
          </Tooltip>
        ))}
      </Group>
    </>
  );
}
