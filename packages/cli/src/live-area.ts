import type { Terminal } from "./terminal.ts";

const ESC = "\u001b[";

/** Lines at the end of the terminal that are drawn anew in their place. In a pipe nothing is drawn. */
export interface LiveArea {
  /** Each line must fit into the width; `draw` cuts nothing. */
  draw(lines: readonly string[]): void;
  /** Writes lines that stay, above those that are drawn. In a pipe, too. */
  print(lines: readonly string[]): void;
  /** Leaves the last lines standing and gives the cursor back. */
  close(): void;
  /** Takes the lines away and gives the cursor back. */
  clear(): void;
}

export function openLiveArea(terminal: Terminal): LiveArea {
  const say = (lines: readonly string[]) => {
    for (const line of lines) terminal.line(line);
  };
  if (!terminal.isTTY) return { draw: () => {}, print: say, close: () => {}, clear: () => {} };
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
    print(lines) {
      if (open && drawn > 0) terminal.write(`${up()}\r${ESC}J`);
      drawn = 0;
      say(lines);
    },
    close: () => end(""),
    clear: () => end(`${up()}\r${ESC}J`),
  };
}
