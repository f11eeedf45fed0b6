import { drawBoard, outcomeWords, type Track } from "./board.ts";
import { type Paint, plain } from "./paint.ts";

const FRAME_MS = 80;
const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";
const CLEAR_LINE = "\u001b[K";

/** The part of the output that changes while files are on their way. */
export interface Live {
  /** Takes what is known now; draws it, or tells what is new in it. */
  update(tracks: readonly Track[]): void;
  /** Leaves the last state standing. */
  end(): void;
}

/** On a terminal the board is drawn again and again in its place; elsewhere each step of a file is a line of its own. */
export function openLive(output: NodeJS.WriteStream, paint: Paint): Live {
  return output.isTTY ? drawing(output, paint) : telling(output);
}

function drawing(output: NodeJS.WriteStream, paint: Paint): Live {
  let tracks: readonly Track[] = [];
  let drawn = 0;
  let frame = 0;
  const draw = () => {
    const lines = drawBoard(tracks, { paint, columns: Math.max(40, (output.columns ?? 80) - 1), frame });
    // More lines than the window has cannot be gone back over: then only the last ones are drawn.
    const shown = lines.slice(-Math.max(1, (output.rows ?? 24) - 1));
    const up = drawn > 0 ? `\u001b[${drawn}A` : "";
    output.write(`${up}\r${shown.map((line) => `${line}${CLEAR_LINE}\n`).join("")}\u001b[J`);
    drawn = shown.length;
  };
  output.write(HIDE_CURSOR);
  const showCursor = () => void output.write(SHOW_CURSOR);
  process.once("exit", showCursor);
  const timer = setInterval(() => {
    frame += 1;
    if (tracks.length > 0) draw();
  }, FRAME_MS);
  return {
    update(next) {
      tracks = next;
      draw();
    },
    end() {
      clearInterval(timer);
      if (tracks.length > 0) draw();
      process.off("exit", showCursor);
      showCursor();
    },
  };
}

/** What a stage that has ended is called. */
const DONE_WORDS = {
  validate: "checked",
  personalise: "links made",
  import: "imported",
  deliver: "delivered",
} as const;

function telling(output: NodeJS.WriteStream): Live {
  const told = new Set<string>();
  const tell = (track: Track, index: number, what: string) => {
    const key = `${index} ${what}`;
    if (told.has(key)) return;
    told.add(key);
    output.write(`  ${track.client}  ${plain(track.fileName)}  ${what}\n`);
  };
  return {
    update(tracks) {
      tracks.forEach((track, index) => {
        if (track.uploaded >= 1) tell(track, index, "uploaded");
        for (const kind of track.plan) if (track.stages[kind] === "done") tell(track, index, DONE_WORDS[kind]);
        if (track.status !== undefined && !["received", "running"].includes(track.status)) {
          const words = outcomeWords(track);
          tell(track, index, words === "" ? track.status : `${track.status}: ${words}`);
        }
      });
    },
    end() {},
  };
}
