import { parseArgs } from "node:util";

/** What the demo was asked to do. */
export interface Arguments {
  /** End by itself, and leave nothing running. */
  once: boolean;
  /** The last line of stdout is one JSON object. */
  json: boolean;
  /** A file of the user's own, instead of the sample files. */
  file: string | undefined;
}

export const USAGE = `Sends the files of two made-up clients through a whole hub, and shows what becomes of them.

  npm run demo                        the two clients of infra/demo/
  npm run demo -- --file PATH         a delimited file of your own, with any columns
  npm run demo -- --once              end when all is shown; without it, and on a terminal, the hub stays up until Ctrl-C
  npm run demo -- --json              the last line of stdout is one JSON object; ends like --once

Exit codes: 0 all was shown; 1 something did not work; 2 wrong arguments; 130 interrupted before the end.`;

/**
 * Reads the command line.
 * @throws {TypeError} in words for the user
 */
export function readArguments(argv: readonly string[], { isTerminal }: { isTerminal: boolean }): Arguments | "help" {
  const { values } = parseArgs({
    args: argv.filter((argument) => argument !== "--"),
    options: {
      once: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      file: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  if (values.file === "") throw new TypeError("--file wants the path of a file");
  return { once: values.once || values.json || !isTerminal, json: values.json, file: values.file };
}
