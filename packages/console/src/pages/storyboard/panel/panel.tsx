import { SegmentedControl } from "@mantine/core";
import { useEffect, useRef } from "react";
import type { ProjectPath } from "../../project/project-queries.ts";
import type { Path } from "../forms/field.ts";
import { LayerForm } from "../forms/layer-form.tsx";
import { SceneForm } from "../forms/scene-form.tsx";
import { useEditor } from "../state/editor-context.ts";
import { BrandTab } from "./brand-tab.tsx";
import { FilesTab } from "./files-tab.tsx";
import { JsonTab } from "./json-tab.tsx";
import { PageTab } from "./page-tab.tsx";
import classes from "./panel.module.css";
import { RulesTab } from "./rules-tab.tsx";
import { TAB_WORDS, TABS, type Tab } from "./tabs.ts";

interface PanelProps {
  path: ProjectPath;
  tab: Tab;
  onTab: (tab: Tab) => void;
  /** A setting whose place in the text is wanted. */
  wanted: { path: Path } | undefined;
}

/** Beside the stage: the form of what is selected, or one of what holds for all. */
export function Panel({ path, tab, onTab, wanted }: PanelProps) {
  const { selection, select, isReadOnly } = useEditor();
  const body = useRef<HTMLDivElement>(null);
  // Another subject begins at its begin.
  const subject = `${tab} ${selection.scene} ${selection.layer ?? ""}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the subject that changes
  useEffect(() => {
    body.current?.scrollTo({ top: 0 });
  }, [subject]);
  return (
    <aside className={classes.panel} aria-label="Settings" data-panel>
      <SegmentedControl
        className={classes.tabs ?? ""}
        size="xs"
        fullWidth
        aria-label="What is set"
        data={TABS.map((value) => ({ value, label: TAB_WORDS[value] }))}
        value={tab}
        onChange={(value) => onTab(value as Tab)}
      />
      {/* Where no field can be reached, the whole is scrolled by keyboard. */}
      <div className={classes.body} ref={body} data-tab={tab} tabIndex={isReadOnly && tab !== "json" ? 0 : undefined}>
        {tab === "json" ? (
          <JsonTab goTo={wanted} />
        ) : (
          <fieldset className={classes.fields} disabled={isReadOnly} key={tab === "scene" ? subject : tab}>
            {tab === "scene" && (selection.layer === undefined ? <SceneForm /> : <LayerForm />)}
            {tab === "page" && <PageTab />}
            {tab === "brand" && <BrandTab />}
            {tab === "assets" && <FilesTab path={path} />}
            {tab === "rules" && (
              <RulesTab
                onScene={(scene) => {
                  select({ scene });
                  onTab("scene");
                }}
              />
            )}
          </fieldset>
        )}
      </div>
    </aside>
  );
}
