import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { slugSchema } from "@inlet/contracts";
import { usageFailure } from "../failure.ts";
import { terminalOn } from "../terminal.ts";

interface NewSubscriberOptions {
  json?: boolean;
  in?: string;
}

const CHECKOUT = path.resolve(import.meta.dirname, "../../../..");
/** It is checked and tried like all of Inlet's own; `example` stands for the name. */
const TEMPLATE = path.join(CHECKOUT, "packages/sync/src/template");

/** Writes a first subscriber and its test, to be changed. Refuses to overwrite one. */
export async function newSubscriber(name: string, options: NewSubscriberOptions): Promise<void> {
  const problem = slugSchema.safeParse(name).error?.issues[0]?.message;
  if (problem !== undefined) throw usageFailure(`${name} is no name that a profile can use: ${problem}.`);
  const folder = path.resolve(options.in ?? (process.env.SUBSCRIBERS_FOLDER || path.join(CHECKOUT, "subscribers")));
  await mkdir(folder, { recursive: true });
  const file = await copied("example.ts", { name, folder });
  const testFile = await copied("example.test.ts", { name, folder });
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ subscriber: file, test: testFile })}\n`);
    return;
  }
  const out = terminalOn(process.stdout);
  out.line(`Wrote ${out.paint("bold", shown(file))} and ${shown(testFile)}.`);
  const inCheckout = path.relative(CHECKOUT, testFile);
  const isInside = !inCheckout.startsWith("..") && !path.isAbsolute(inCheckout);
  out.line(
    isInside
      ? `  next: npm test -- ${inCheckout}   then change both into the system that you have (docs/sync.md)`
      : `  next: change it into the system that you have (docs/sync.md). Its test runs in ${shown(path.join(CHECKOUT, "subscribers"))}, where it finds what it imports.`,
  );
}

async function copied(template: string, { name, folder }: { name: string; folder: string }): Promise<string> {
  const text = await readFile(path.join(TEMPLATE, template), "utf8");
  const file = path.join(folder, template.replace("example", name));
  await writeFile(file, text.replaceAll(/\bexample\b/g, name), { flag: "wx" });
  return file;
}

/** As it is reached from here. */
const shown = (file: string) => {
  const near = path.relative(process.cwd(), file);
  return near.startsWith("..") ? file : near;
};
