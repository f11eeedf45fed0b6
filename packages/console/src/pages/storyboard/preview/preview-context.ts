import type { Film, StoredAssets } from "@inlet/storyboard";
import { createContext, useContext, useEffect, useRef, useSyncExternalStore } from "react";
import type { Clock } from "./clock.ts";
import type { PreviewRow } from "./preview-row.ts";

/** What is shown, for whom, and where the film is. */
export interface Preview {
  film: Film;
  assets: StoredAssets;
  assetUrl: (asset: { sha256: string }) => string;
  row: PreviewRow;
  setRow: (row: PreviewRow) => void;
  rows: readonly PreviewRow[];
  /** The selected scene does not play for this row; the film shows it all the same. */
  isForced: boolean;
  clock: Clock;
  seek: (atMs: number) => void;
  toggle: () => void;
  pause: () => void;
}

export const PreviewContext = createContext<Preview | undefined>(undefined);

export function usePreview(): Preview {
  const preview = useContext(PreviewContext);
  if (preview === undefined) throw new Error("this part stands outside the storyboard editor");
  return preview;
}

/** Whether the film plays now. */
export function useIsPlaying(): boolean {
  const { clock } = usePreview();
  return useSyncExternalStore(clock.subscribe, () => clock.isPlaying);
}

/** What is to be known of where the film is; rendered again only where that changes. */
export function useClock<Value extends string | number | boolean | undefined>(of: (atMs: number) => Value): Value {
  const { clock } = usePreview();
  return useSyncExternalStore(clock.subscribe, () => of(clock.atMs));
}

/** Moves something at every frame, without React. */
export function useAtEveryFrame(move: (atMs: number) => void): void {
  const { clock } = usePreview();
  const latest = useRef(move);
  latest.current = move;
  useEffect(() => {
    const tell = () => latest.current(clock.atMs);
    tell();
    return clock.subscribe(tell);
  }, [clock]);
  // What it is moved by may have changed.
  useEffect(() => move(clock.atMs));
}
