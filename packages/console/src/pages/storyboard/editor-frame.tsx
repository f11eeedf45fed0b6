import type { Storyboard, StoryboardStanding } from "@inlet/contracts";
import { count } from "@inlet/contracts/figures";
import { filmOf, rowOf, storyboardColumns, storyboardProblems } from "@inlet/storyboard";
import { Button } from "@mantine/core";
import { useBlocker, useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useLostFocus } from "../../parts/lost-focus.ts";
import { Problems } from "../profile-parts/problems.ts";
import type { ProjectPath } from "../project/project-queries.ts";
import { type Library, LibraryContext, useProjectLibrary } from "./assets/library.ts";
import classes from "./editor-frame.module.css";
import type { Path } from "./forms/field.ts";
import { PagePreview } from "./panel/page-preview.tsx";
import { Panel } from "./panel/panel.tsx";
import { focusSetting, placeOfSetting, type Tab } from "./panel/tabs.ts";
import { Clock } from "./preview/clock.ts";
import { Later } from "./preview/later.tsx";
import { type Preview, PreviewContext } from "./preview/preview-context.ts";
import { previewFilm } from "./preview/preview-film.ts";
import { NOBODY, type PreviewRow, sampleRows } from "./preview/preview-row.ts";
import { useBatchRows } from "./preview/use-batch-rows.ts";
import { usePlayer } from "./preview/use-player.ts";
import { PublishDrawer } from "./publish/publish-drawer.tsx";
import { VersionsDrawer } from "./publish/versions-drawer.tsx";
import { OvertakenAlert } from "./saving/overtaken-alert.tsx";
import { useSaving } from "./saving/use-saving.ts";
import { Everyone } from "./stage/everyone.tsx";
import { RowBar, type StageView } from "./stage/row-bar.tsx";
import { SamplesDrawer } from "./stage/samples-drawer.tsx";
import { Stage } from "./stage/stage.tsx";
import { ColumnsDialog } from "./start/columns-dialog.tsx";
import type { Draft } from "./state/draft.ts";
import { EditorContext } from "./state/editor-context.ts";
import type { KeptEdits } from "./state/kept-edits.ts";
import { useEditing } from "./state/use-editing.ts";
import { useEditorKeys } from "./state/use-editor-keys.ts";
import { filmMsOf, momentOf } from "./timeline/film-time.ts";
import { settledMs } from "./timeline/settled.ts";
import { Timeline } from "./timeline/timeline.tsx";
import { TopBar } from "./top-bar.tsx";

/** How often, and how many times, it is looked whether a form is there. */
const LOOK_MS = 50;
const LOOKS = 20;

/** What opens over the editor. */
export type DrawerName = "samples" | "publish" | "versions" | "columns";

interface EditorFrameProps {
  path: ProjectPath;
  projectTitle: string;
  standing: StoryboardStanding;
  /** What is saved, and under which revision. */
  saved: Draft;
  revision: number;
  /** What had not reached the hub when the page was left. */
  kept: KeptEdits | undefined;
  isReadOnly: boolean;
  /** Somebody else's storyboard takes the place of this one. */
  onTheirs: () => void;
}

/** The editor: the film on its stage, its timeline below, and the form of what is selected beside it. */
export function EditorFrame(props: EditorFrameProps) {
  const { path, projectTitle, standing, isReadOnly, onTheirs } = props;
  // What the page was opened with; later answers are those of its own saves.
  const [{ saved, kept, revision }] = useState(props);
  const library = useProjectLibrary(path);
  const problemsOf = useProblemsOf(standing, library.known);
  const editor = useEditing({
    first: kept?.draft ?? saved,
    columns: standing.columns,
    isReadOnly,
    problemsOf,
  });
  const begun = kept?.revision ?? revision;
  const { saving, flush, keepMine, takeTheirs } = useSaving(path, editor.draft, { saved, begun, isReadOnly });
  const { draft, storyboard, selection, select, problems, languages, language, setLanguage } = editor;

  const { tab = "scene" } = useSearch({ from: "/signed-in/projects/$client/$project/storyboard" });
  const navigate = useNavigate();
  const setTab = useCallback(
    (next: Tab) =>
      void navigate({
        to: "/projects/$client/$project/storyboard",
        params: path,
        search: next === "scene" ? {} : { tab: next },
        replace: true,
        resetScroll: false,
      }),
    [navigate, path],
  );

  const batch = useBatchRows(path);
  const rows = useMemo(() => {
    const samples = sampleRows(storyboard);
    return [...(samples.length === 0 ? [NOBODY] : samples), ...batch.rows];
  }, [storyboard, batch.rows]);
  const [rowId, setRowId] = useState("sample:0");
  const row = rowId === NOBODY.id ? NOBODY : (rows.find(({ id }) => id === rowId) ?? rows[0]!);
  const spoken = languages.length > 1 ? language : storyboard.language.default;
  const scene = draft.scenes[selection.scene]?.name;
  const { film, isForced } = useMemo(
    () => previewFilm(storyboard, { row, language: spoken, assets: library.stored, scene }),
    [storyboard, row, spoken, library.stored, scene],
  );
  const [clock] = useState(() => new Clock());
  const { host, player } = usePlayer({ film, assetUrl: library.urlOf, clock });
  const assets = library.stored;
  const assetUrl = library.urlOf;
  const preview: Preview = useMemo(
    () => ({
      ...{ film, row, rows, isForced, clock, assets, assetUrl },
      setRow: (next: PreviewRow) => {
        setRowId(next.id);
        // Whoever is looked at is seen in their own language, which is then the one that is written.
        const theirs = filmOf(storyboard, rowOf(next.values), { assets: {} }).language;
        if (storyboard.language.column !== undefined && languages.includes(theirs)) setLanguage(theirs);
      },
      seek: (atMs) => {
        player.current?.seek(atMs);
        clock.set(player.current?.currentMs ?? 0, player.current?.isPlaying ?? false);
      },
      toggle: () => (player.current?.isPlaying ? player.current.pause() : player.current?.play()),
      pause: () => player.current?.pause(),
    }),
    [film, row, rows, isForced, clock, assets, assetUrl, player, storyboard, languages, setLanguage],
  );

  // What is selected is seen: the film goes to where it stands, unless it is there already.
  const shown = useRef<string>(undefined);
  useEffect(() => {
    const wanted = `${selection.scene} ${selection.layer ?? ""}`;
    if (wanted === shown.current || player.current?.isPlaying) return;
    // At first the film stands at its begin, where nothing has come yet.
    const now = shown.current === undefined ? undefined : momentOf(film, draft.scenes, clock.atMs);
    shown.current = wanted;
    const atMs = settledMs(draft, selection, now);
    const filmMs =
      atMs === undefined ? undefined : filmMsOf(film, draft.scenes, { scene: selection.scene, offsetMs: atMs });
    if (filmMs !== undefined) preview.seek(filmMs);
  });

  const [view, setView] = useState<StageView>("film");
  const [showsGuides, setShowsGuides] = useState(false);
  const missing = useMemo(() => {
    const known = new Set(standing.columns.map(({ name }) => name));
    return storyboardColumns(storyboard).filter((column) => !known.has(column));
  }, [storyboard, standing.columns]);
  const [drawer, setDrawer] = useState<DrawerName>();
  const [wanted, setWanted] = useState<{ path: Path }>();
  const goTo = (setting: Path) => {
    const place = placeOfSetting(setting);
    setDrawer(undefined);
    if (place.selection !== undefined) select(place.selection);
    setTab(place.tab);
    setWanted({ path: setting });
    // The form of that place is there once the page was drawn, and on the text's own place the text goes itself.
    const find = (tries: number) => {
      if (tries > 0 && !focusSetting(setting)) setTimeout(() => find(tries - 1), LOOK_MS);
    };
    if (place.tab !== "json") setTimeout(() => find(LOOKS), LOOK_MS);
  };
  const going = useRef(goTo);
  going.current = goTo;
  const latestGoTo = useCallback((setting: Path) => going.current(setting), []);
  // Whatever is selected on the stage or the timeline is changed in its form.
  const chosen = useRef(selection);
  useEffect(() => {
    const { scene: was, layer: wasLayer } = chosen.current;
    chosen.current = selection;
    if ((was !== selection.scene || wasLayer !== selection.layer) && tab !== "scene" && tab !== "json") setTab("scene");
  }, [selection, tab, setTab]);

  useEditorKeys({ undo: editor.undo, redo: editor.redo, save: () => void flush(), toggle: preview.toggle });
  useBlocker({
    shouldBlockFn: async ({ current, next }) =>
      !isReadOnly &&
      current.pathname !== next.pathname &&
      saving.state !== "overtaken" &&
      !(await flush()) &&
      !confirmLeave(),
    enableBeforeUnload: false,
  });
  useLostFocus();

  return (
    <EditorContext value={editor}>
      <LibraryContext value={library}>
        <PreviewContext value={preview}>
          <Problems value={problems}>
            <div className={classes.editor} data-tab={tab}>
              <Later>
                <TopBar
                  path={path}
                  projectTitle={projectTitle}
                  standing={standing}
                  saving={saving}
                  onProblem={latestGoTo}
                  onDrawer={setDrawer}
                />
              </Later>
              <section className={classes.show} aria-label="How it looks">
                <Later>
                  <RowBar
                    view={view}
                    onView={setView}
                    showsGuides={showsGuides}
                    onGuides={setShowsGuides}
                    onDrawer={setDrawer}
                    onBatchRows={batch.take}
                    isLoading={batch.isLoading}
                  />
                </Later>
                {missing.length > 0 && !isReadOnly && (
                  <div className={classes.missing}>
                    <span>
                      It shows {count(missing.length, "value")} that this project's files do not have:{" "}
                      {missing.slice(0, 3).join(", ")}
                      {missing.length > 3 && " …"}
                    </span>
                    <Button size="compact-sm" variant="default" onClick={() => setDrawer("columns")}>
                      Choose columns
                    </Button>
                  </div>
                )}
                {/* The player stays where it is while something else is looked at. */}
                <div className={classes.film} inert={view !== "film" || tab === "page"}>
                  <Stage host={host} showsGuides={showsGuides} />
                </div>
                {view === "film" && tab === "page" && <PagePreview />}
                {view === "everyone" && (
                  <Everyone
                    onOpen={(next) => {
                      preview.setRow(next);
                      setView("film");
                    }}
                  />
                )}
              </section>
              <Panel path={path} tab={tab} onTab={setTab} wanted={wanted} />
              <Later>
                <Timeline />
              </Later>
            </div>
            {drawer === "columns" && <ColumnsDialog missing={missing} onClose={() => setDrawer(undefined)} />}
            <SamplesDrawer opened={drawer === "samples"} onClose={() => setDrawer(undefined)} />
            <PublishDrawer
              path={path}
              standing={standing}
              opened={drawer === "publish"}
              onClose={() => setDrawer(undefined)}
              onProblem={goTo}
              flush={flush}
            />
            <VersionsDrawer
              path={path}
              standing={standing}
              opened={drawer === "versions"}
              onClose={() => setDrawer(undefined)}
            />
            {saving.state === "overtaken" && (
              <OvertakenAlert
                theirs={saving.theirs}
                onKeepMine={keepMine}
                onTakeTheirs={() => {
                  takeTheirs();
                  onTheirs();
                }}
              />
            )}
          </Problems>
        </PreviewContext>
      </LibraryContext>
    </EditorContext>
  );
}

/** The hub does not answer: what is not saved is kept in this window, and is here again. */
const confirmLeave = () =>
  window.confirm(
    "The hub does not answer, so your last changes are not saved. This window keeps them. Leave all the same?",
  );

/** What is wrong with a storyboard, besides its form: names of columns and files that are not there, times that do not fit. */
function useProblemsOf(standing: StoryboardStanding, assets: Library["known"]) {
  const { columns } = standing;
  const tables = useMemo(() => {
    const byTable: Record<string, string[]> = {};
    for (const { name, tables: of } of columns)
      for (const table of of) byTable[table] = [...(byTable[table] ?? []), name];
    return byTable;
  }, [columns]);
  return useCallback(
    (storyboard: Storyboard) => storyboardProblems(storyboard, { columns: tables, assets }),
    [tables, assets],
  );
}
