import { Alert } from "@mantine/core";
import { IconEyeOff } from "@tabler/icons-react";
import type { RefObject } from "react";
import { useIsPlaying, usePreview } from "../preview/preview-context.ts";
import { useEditor } from "../state/editor-context.ts";
import classes from "./stage.module.css";
import { StageOverlay } from "./stage-overlay.tsx";

/** The real player, and over it what is worked on: boxes to be dragged, guides, the safe area. */
export function Stage({ host, showsGuides }: { host: RefObject<HTMLDivElement | null>; showsGuides: boolean }) {
  const { film, isForced, row } = usePreview();
  const { draft, selection, isReadOnly } = useEditor();
  const isPlaying = useIsPlaying();
  return (
    <div className={classes.room}>
      <div
        className={classes.stage}
        style={{ aspectRatio: `${film.width} / ${film.height}`, "--ratio": film.width / film.height } as object}
      >
        <div ref={host} className={classes.player} />
        {!isPlaying && !isReadOnly && <StageOverlay showsGuides={showsGuides} />}
        {isForced && (
          <Alert
            className={classes.note ?? ""}
            color="yellow"
            variant="light"
            p="4px 10px"
            icon={<IconEyeOff size={15} aria-hidden />}
          >
            “{draft.scenes[selection.scene]?.name}” does not play for {row.name}. It is shown while you work on it.
          </Alert>
        )}
      </div>
    </div>
  );
}
