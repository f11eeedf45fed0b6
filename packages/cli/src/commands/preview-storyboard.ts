import { usageFailure } from "../failure.ts";
import { count } from "../figures.ts";
import { readNamedFile } from "../named-file.ts";
import { builtPlayer } from "../preview/built-player.ts";
import { openInBrowser } from "../preview/open-in-browser.ts";
import { type Preview, readPreview } from "../preview/preview.ts";
import { PreviewServer } from "../preview/preview-server.ts";
import { watchFiles } from "../preview/watch-files.ts";
import { problemCount, problemLines } from "../storyboard-text.ts";
import { printable, terminalOn } from "../terminal.ts";

interface PreviewOptions {
  json?: boolean;
  row?: string;
  sample?: string;
  port?: number;
  open: boolean;
}

/** Shows a storyboard's film in the browser, and every change of it, until Ctrl-C. */
export async function previewStoryboard(file: string, options: PreviewOptions): Promise<void> {
  if (options.row !== undefined && options.sample !== undefined)
    throw usageFailure("--row and --sample name rows both; give one of them.");
  await readNamedFile(file);
  const player = await builtPlayer((line) => process.stderr.write(`${line}\n`));
  let preview = await readPreview(file, options.row);
  const firstRow = rowNamed(preview, options.sample);
  const server = await PreviewServer.open({ file, player, preview: () => preview, firstRow, port: options.port });
  const ended = new AbortController();
  watchFiles(
    file,
    options.row,
    () => {
      // A file that is gone for a moment, or rows that cannot be read: what was there last stays.
      readPreview(file, options.row).then(
        (now) => {
          preview = now;
          server.tellOfChange();
        },
        () => {},
      );
    },
    ended.signal,
  );
  tell(server.url, preview, options);
  if (options.open && !options.json) openInBrowser(server.url);
  await interrupted();
  ended.abort();
  await server.close();
}

function rowNamed({ rows }: Preview, sample: string | undefined): number {
  if (sample === undefined) return 0;
  const index = rows.findIndex(({ name }) => name === sample);
  if (index >= 0) return index;
  throw usageFailure(`There is no sample “${sample}”; there are: ${rows.map(({ name }) => name).join(", ")}.`);
}

function tell(url: string, { title, problems, rows }: Preview, { json, row }: PreviewOptions): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ url, rows: rows.length, problems })}\n`);
    return;
  }
  const out = terminalOn(process.stdout);
  out.line(`${out.paint("bold", printable(title))}  ${out.paint("cyan", url)}`);
  const shown = rows.length - 1;
  const from = row === undefined ? count(shown, "sample") : `${count(shown, "row")} of ${printable(row)}`;
  out.line(`${from}; ${problemCount(problems) ?? "no mistakes"}.`);
  for (const line of problemLines(problems, out)) out.line(line);
  out.line(out.paint("dim", "What you save is shown at once. Ctrl-C ends the preview."));
}

/** Ctrl-C, or whoever ends this process in order. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}
