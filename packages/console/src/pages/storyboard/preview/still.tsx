import type { Film, FilmAsset } from "@inlet/storyboard";
import { useEffect, useRef, useState } from "react";
import classes from "./still.module.css";
import { usePlayer } from "./use-player.ts";

interface StillProps {
  film: Film;
  assetUrl: (asset: FilmAsset) => string;
  /** What is seen, for those who do not see it; left out where words beside it say the same. */
  label?: string;
  /** Left out: the poster's. */
  atMs?: number;
}

/** One moment of a film, drawn by the player once it comes into sight. It is looked at, and does nothing. */
export function Still({ film, label, ...parts }: StillProps) {
  const box = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && setSeen(true), {
      rootMargin: "200px",
    });
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  return (
    <div
      ref={box}
      className={classes.still}
      {...(label === undefined ? { "aria-hidden": true } : { role: "img", "aria-label": label })}
      style={{ aspectRatio: `${film.width} / ${film.height}` }}
    >
      {seen && <Moment film={film} {...parts} />}
    </div>
  );
}

function Moment({ film, assetUrl, atMs = film.posterMs }: Omit<StillProps, "label">) {
  const { host, player } = usePlayer({ film, assetUrl, atMs });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another film has another poster
  useEffect(() => {
    player.current?.seek(atMs);
  }, [atMs, film]);
  // Nobody comes to it by keyboard, and a pointer passes through.
  return <div ref={host} className={classes.moment} inert />;
}
