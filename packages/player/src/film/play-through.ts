import type { PlayerEvent } from "../player-terms.ts";

const SHARES = [
  [0.25, "quarter"],
  [0.5, "half"],
  [0.75, "three_quarters"],
  [1, "complete"],
] as const;

/** Tells what became of a film, each thing once for each time it is played. Before `begin` nothing is told. */
export class PlayThrough {
  readonly #tell: (event: PlayerEvent) => void;
  readonly #told = new Set<string>();

  constructor(tell: (event: PlayerEvent) => void) {
    this.#tell = tell;
  }

  /** A person started the film, or took part in one that began by itself. */
  begin(): void {
    this.#once({ kind: "play" });
  }

  /** From its begin, once more. */
  again(): void {
    this.#told.clear();
  }

  /** The film plays, and is at `atMs`. */
  reach(atMs: number, durationMs: number): void {
    if (!this.#told.has("play")) return;
    for (const [share, kind] of SHARES) if (atMs >= share * durationMs) this.#once({ kind });
  }

  click(name: string): void {
    this.#once({ kind: "click", detail: name });
  }

  #once(event: PlayerEvent): void {
    const key = event.kind === "click" ? `click ${event.detail}` : event.kind;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#tell(event);
  }
}
