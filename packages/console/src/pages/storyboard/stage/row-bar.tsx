import { ActionIcon, Button, Group, Menu, SegmentedControl, Text, Tooltip } from "@mantine/core";
import {
  IconBorderOuter,
  IconChevronDown,
  IconChevronLeft,
  IconChevronRight,
  IconUserQuestion,
} from "@tabler/icons-react";
import { memo } from "react";
import type { DrawerName } from "../editor-frame.tsx";
import { usePreview } from "../preview/preview-context.ts";
import { NOBODY } from "../preview/preview-row.ts";
import { useEditor } from "../state/editor-context.ts";
import classes from "./row-bar.module.css";

export type StageView = "film" | "everyone";

interface RowBarProps {
  view: StageView;
  onView: (view: StageView) => void;
  showsGuides: boolean;
  onGuides: (shows: boolean) => void;
  onDrawer: (drawer: DrawerName) => void;
  onBatchRows: () => void;
  isLoading: boolean;
}

/** For whom the film is shown: one row after the other, or all at once. */
export const RowBar = memo(function RowBar(props: RowBarProps) {
  const { view, onView, showsGuides, onGuides, onDrawer, onBatchRows, isLoading } = props;
  const { row, rows, setRow } = usePreview();
  const { languages, language, setLanguage, isReadOnly } = useEditor();
  const at = rows.findIndex(({ id }) => id === row.id);
  const step = (by: number) => setRow(rows[(at + by + rows.length) % rows.length]!);
  const samples = rows.filter(({ kind }) => kind === "sample");
  const records = rows.filter(({ kind }) => kind === "record");
  return (
    <div className={classes.bar}>
      <Group gap={4} wrap="nowrap" className={classes.rows}>
        <Text fz="sm" c="var(--quiet)" className={classes.for}>
          As
        </Text>
        <ActionIcon variant="subtle" color="gray" aria-label="The row before" onClick={() => step(-1)}>
          <IconChevronLeft size={16} aria-hidden />
        </ActionIcon>
        <Menu position="bottom" withinPortal width={260}>
          <Menu.Target>
            <Button
              variant="default"
              size="xs"
              className={classes.row ?? ""}
              loading={isLoading}
              rightSection={<IconChevronDown size={14} aria-hidden />}
              aria-label={`Shown as ${row.name}. Choose another row`}
            >
              {row.name}
            </Button>
          </Menu.Target>
          <Menu.Dropdown className={classes.menu ?? ""}>
            <Menu.Label>Samples</Menu.Label>
            {samples.map((each) => (
              <Menu.Item key={each.id} onClick={() => setRow(each)} data-active={each.id === row.id || undefined}>
                {each.name}
              </Menu.Item>
            ))}
            <Menu.Item
              leftSection={<IconUserQuestion size={15} aria-hidden />}
              onClick={() => setRow(NOBODY)}
              data-active={row.id === NOBODY.id || undefined}
            >
              {NOBODY.name}: fallbacks alone
            </Menu.Item>
            {records.length > 0 && <Menu.Label>Rows of a file that came</Menu.Label>}
            {records.map((each) => (
              <Menu.Item key={each.id} onClick={() => setRow(each)} data-active={each.id === row.id || undefined}>
                {each.name}
              </Menu.Item>
            ))}
            <Menu.Divider />
            {!isReadOnly && <Menu.Item onClick={() => onDrawer("samples")}>Edit the samples</Menu.Item>}
            {records.length === 0 && !isReadOnly && (
              <Menu.Item onClick={onBatchRows}>Take rows of a file that came</Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
        <ActionIcon variant="subtle" color="gray" aria-label="The next row" onClick={() => step(1)}>
          <IconChevronRight size={16} aria-hidden />
        </ActionIcon>
      </Group>
      <Group gap="xs" wrap="nowrap">
        {languages.length > 1 && (
          <SegmentedControl
            size="xs"
            aria-label="Language that is shown and written"
            data={[...languages]}
            value={language}
            onChange={setLanguage}
          />
        )}
        <Tooltip label={showsGuides ? "Hide the guides" : "Show the safe area and the middle"}>
          <ActionIcon
            variant={showsGuides ? "light" : "subtle"}
            color={showsGuides ? undefined : "gray"}
            aria-pressed={showsGuides}
            aria-label="Guides"
            onClick={() => onGuides(!showsGuides)}
          >
            <IconBorderOuter size={17} stroke={1.7} aria-hidden />
          </ActionIcon>
        </Tooltip>
        <SegmentedControl
          size="xs"
          aria-label="What the stage shows"
          data={[
            { value: "film", label: "One" },
            { value: "everyone", label: "Everyone" },
          ]}
          value={view}
          onChange={(next) => onView(next as StageView)}
        />
      </Group>
    </div>
  );
});
