import { enableCompileCache } from "node:module";

// Halves the time to the first word.
enableCompileCache();
// What reads from a pipe may stop reading, as `head` does.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

const { runCli } = await import("./run-cli.ts");
process.exitCode = await runCli(process.argv.slice(2));
