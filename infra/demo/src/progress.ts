import type { Paint } from "./paint.ts";

/** One line about what is being waited for. */
export interface Progress {
  now: (what: string) => void;
  done: (what: string) => void;
}

/** On a terminal the line is written over; elsewhere each word is a line. */
export function openProgress(output: NodeJS.WriteStream, paint: Paint): Progress {
  const rewrite = output.isTTY ? "\r\u001b[K" : "";
  return {
    now: (what) => void output.write(output.isTTY ? `${rewrite}  ${paint("cyan", "…")} ${what}` : `  … ${what}\n`),
    done: (what) => void output.write(`${rewrite}  ${paint("green", "✔")} ${what}\n`),
  };
}
