import type { Command } from "commander";
import { all, number } from "../program/arguments.ts";

const HELP = `
Needs no hub. A page on this machine plays the film as recipients will see it, with the storyboard's samples, or the rows of a
file, one after the other, and says what is wrong. Images, videos and sounds are taken from the folder of the file, and from
the folder assets in it. Whatever is saved is shown at once; Ctrl-C ends the preview.

  inlet storyboard preview birthday/storyboard.json
  inlet storyboard preview birthday/storyboard.json --row customers.csv`;

/** `inlet storyboard preview`. */
export function addPreview(storyboard: Command): void {
  storyboard
    .command("preview")
    .description("Play a storyboard's film in the browser, without any server")
    .argument("<file>", "JSON or YAML")
    .option("--row <file>", "rows to play it with: what a client sends (CSV and the like), or JSON")
    .option("--sample <name>", "the sample to begin with (default: the first)")
    .option("--port <number>", "where the page is (default: 8090, or any that is free)", number)
    .option("--no-open", "open no browser")
    .addHelpText("after", HELP)
    .action(async (file, _, command) =>
      (await import("../commands/preview-storyboard.ts")).previewStoryboard(file, all(command)),
    );
}
