import type { Terminal } from "./terminal.ts";

const ESC = "\u001b[";

/** Lines at the end of the terminal that are drawn anew in their place. In a pipe nothing is drawn. */
export interface LiveArea {
  /** Each line must fit into the width; `draw` cuts nothing. */
  draw(lines: readonly string[]): void;
  /** Leaves the last lines standing and gives the cursor back. */
  close(): void;
  /** Takes the lines away and gives the cursor back. */
  clear(): void;
}

export function openLiveArea(terminal: Terminal): LiveArea {
  if (!terminal.isTTY) return { draw: () => {}, close: () => {}, clear: () => {} };
  let drawn = 0;
  let open = true;
  const showCursor = () => terminal.write(`${ESC}?25h`);
  terminal.write(`${ESC}?25l`);
  process.once("exit", showCursor);
  const up = () => (drawn > 0 ? `${ESC}${drawn}A` : "");
  const end = (text: string) => {
    if (!open) return;
    open = false;
    process.off("exit", showCursor);
    terminal.write(text);
    showCursor();
  };
  return {
    draw(lines) {
      if (!open) return;
      terminal.write(`${up()}\r${lines.map((line) => `${line}${ESC}K\n`).join("")}${ESC}J`);
      drawn = lines.length;
    },
    close: () => end(""),
    clear: () => end(`${up()}\r${ESC}J`),
  };
}
