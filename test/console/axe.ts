import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { AxeResults, RunOptions } from "axe-core";
import type { Page } from "playwright-core";

const source = readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** What of a page breaks WCAG 2.2 A or AA: each rule with the elements. `rule`: this one alone. */
export async function axeViolations(page: Page, rule?: string): Promise<string[]> {
  await page.evaluate(await source);
  const options: RunOptions = {
    runOnly: rule === undefined ? { type: "tag", values: WCAG } : { type: "rule", values: [rule] },
    resultTypes: ["violations"],
  };
  const { violations } = await page.evaluate(
    (options) => (globalThis as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } }).axe.run(options),
    options,
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" ")}`);
}

/** By how many pixels the page is wider than its window. */
export const overflowPx = (page: Page): Promise<number> =>
  page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");

/** Waits until nothing changes its colour or place any more. */
export const settled = (page: Page): Promise<void> =>
  page.evaluate(
    "Promise.allSettled(document.getAnimations().filter((each) => each.effect?.getComputedTiming().endTime !== Infinity).map(({ finished }) => finished)).then(() => undefined)",
  );
