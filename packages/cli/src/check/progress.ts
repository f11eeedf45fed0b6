import { byteBar } from "../byte-bar.ts";
import { figure } from "../figures.ts";
import { openLiveArea } from "../live-area.ts";
import { cut, type Terminal } from "../terminal.ts";
import { visibleText } from "./visible-text.ts";

/** A file that is read sooner than this needs no bar. */
const QUIET_MS = 400;
const REDRAW_MS = 100;

/** The bar under what is printed, while a long file is read. */
export interface Progress {
  begin(file: string, totalBytes: number): void;
  onRead(reading: number, doneBytes: number): void;
  onIssue(): void;
  /** What the reading is for, where it is not the check. */
  say(what: string): void;
  print(lines: readonly string[]): void;
  /** Takes the bar away. */
  end(): void;
}

export function openProgress(terminal: Terminal): Progress {
  let area: ReturnType<typeof openLiveArea> | undefined;
  let what = "Checking";
  let file = "";
  let totalBytes = 0;
  let beganAt = 0;
  let drawnAt = 0;
  let issues = 0;
  /** The reading that is shown, and when it began: a file may be read more than once. */
  let shown = { reading: -1, startedAt: 0, from: 0 };
  return {
    begin(name, total) {
      file = name;
      totalBytes = total;
      beganAt = Date.now();
      issues = 0;
      shown = { reading: -1, startedAt: beganAt, from: 0 };
      what = "Checking";
    },
    onRead(reading, doneBytes) {
      const now = Date.now();
      if (!terminal.isTTY || now - beganAt < QUIET_MS || now - drawnAt < REDRAW_MS) return;
      drawnAt = now;
      if (reading !== shown.reading) shown = { reading, startedAt: shown.reading < 0 ? beganAt : now, from: 0 };
      area ??= openLiveArea(terminal);
      const found = issues === 0 ? "" : `, ${figure(issues)} found so far`;
      area.draw([
        `${what} ${terminal.paint("bold", cut(visibleText(file), terminal.columns - 40))}${terminal.paint("dim", found)}`,
        byteBar({ doneBytes, totalBytes, elapsedMs: now - shown.startedAt }, terminal),
      ]);
    },
    onIssue() {
      issues += 1;
    },
    say(words) {
      what = words;
    },
    print(lines) {
      if (area === undefined) for (const line of lines) terminal.line(line);
      else area.print(lines);
    },
    end() {
      area?.clear();
      area = undefined;
    },
  };
}
