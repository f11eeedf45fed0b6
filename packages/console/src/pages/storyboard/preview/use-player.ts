import { openPlayer, type Player, playerWords } from "@inlet/player";
import type { Film, FilmAsset } from "@inlet/storyboard";
import { type RefObject, useEffect, useRef } from "react";
import type { Clock } from "./clock.ts";

interface PlayerParts {
  film: Film;
  assetUrl: (asset: FilmAsset) => string;
  clock?: Clock;
  /** The moment that it stands at first. */
  atMs?: number;
  /** It plays at once. */
  plays?: boolean;
}

/** The real player in an element of the page. Another film takes the place of the one before at the same moment. */
export function usePlayer({ film, assetUrl, clock, atMs = 0, plays = false }: PlayerParts): {
  host: RefObject<HTMLDivElement | null>;
  player: RefObject<Player | undefined>;
} {
  const host = useRef<HTMLDivElement>(null);
  const player = useRef<Player>(undefined);
  const latest = useRef({ film, assetUrl, atMs });
  latest.current = { film, assetUrl, atMs };

  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const opened = openPlayer(element, {
      film: latest.current.film,
      assetUrl: (asset) => latest.current.assetUrl(asset),
      words: playerWords(document.documentElement.lang || "en"),
      captions: false,
      controls: plays ? "always" : "playing",
    });
    player.current = opened;
    if (plays) opened.play();
    else opened.seek(clock?.atMs ?? latest.current.atMs);
    let frame = 0;
    const tick = () => {
      clock?.set(opened.currentMs, opened.isPlaying);
      frame = requestAnimationFrame(tick);
    };
    if (clock !== undefined) tick();
    return () => {
      cancelAnimationFrame(frame);
      player.current = undefined;
      opened.close();
    };
  }, [clock, plays]);

  useEffect(() => {
    player.current?.setFilm(film);
  }, [film]);

  return { host, player };
}
