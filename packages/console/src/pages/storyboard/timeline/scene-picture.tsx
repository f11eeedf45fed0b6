import { memo, useDeferredValue, useMemo, useRef } from "react";
import { usePreview } from "../preview/preview-context.ts";
import { sceneFilm } from "../preview/preview-film.ts";
import { Still } from "../preview/still.tsx";
import { useEditor } from "../state/editor-context.ts";
import { settledMs } from "./settled.ts";
import classes from "./timeline.module.css";

/** What a scene looks like when all of it has come. It is drawn anew when the scene changes, after everything else. */
export const ScenePicture = memo(function ScenePicture({ at }: { at: number }) {
  const { draft, storyboard, language, languages } = useEditor();
  const { row, assets, assetUrl } = usePreview();
  const latest = useRef({ draft, storyboard });
  latest.current = { draft, storyboard };
  const spoken = languages.length > 1 ? language : storyboard.language.default;
  // Other scenes' edits change nothing here.
  const scene = useDeferredValue(draft.scenes[at]);
  const { brand, fallbacks, stage } = storyboard;
  const look = JSON.stringify([brand, fallbacks, stage]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the scene and what it is painted with that count
  const picture = useMemo(() => {
    const film = sceneFilm(latest.current.storyboard, at, { row, language: spoken, assets });
    const offsetMs = settledMs(latest.current.draft, { scene: at }, undefined) ?? 0;
    return { film, atMs: Math.min(offsetMs, film.durationMs - 1) };
  }, [scene, at, row, spoken, assets, look]);
  return (
    <span className={classes.picture}>
      <Still film={picture.film} atMs={picture.atMs} assetUrl={assetUrl} />
    </span>
  );
});
