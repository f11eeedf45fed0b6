import { createHash } from "node:crypto";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, PATIENCE_MS, picked, Visitor } from "./browser.ts";
import { ADMIN, ConsoleHub, demoFile } from "./console-hub.ts";
import { openCutLine } from "./cut-line.ts";

/** From a file as it was given to rows in the client's table, on the screen. */

const STORES = "partner_id\tregion\tstore_id\tstore_name\tenabled\n";

let inlet: ConsoleHub;
let schema: string;
beforeAll(async () => {
  inlet = await ConsoleHub.open({ services: ["watcher", "validator", "importer", "api"] });
  ({ schema } = await inlet.retailer());
});
afterAll(() => inlet?.stop());

test("a wrong file is understood, mended on the screen, submitted, and followed into the table", async () => {
  const admin = await inlet.admin({ viewport: { width: 1360, height: 1000 } });
  const { page } = admin;
  const grid = gridOf(page);
  const submit = page.getByRole("button", { name: "Submit" });
  await page.goto("/");
  await page.getByRole("link", { name: "Upload" }).click();
  await page.getByRole("radio", { name: /daily_sales/ }).check();
  // A cell that is too much has no place on the screen: that fault is left out.
  const faulty = (await demoFile("daily_sales-with-faults.tsv")).toString().replace("\tlate entry", "");
  await page.locator("input[type=file]").setInputFiles(picked("daily_sales-2026-11-20.tsv", faulty));
  await page.getByText("The file does not pass the structural check").waitFor();
  await page.getByText("7 rows of 21 are invalid").waitFor();
  expect(await submit.isDisabled()).toBe(true);

  // What is wrong stands at the row, with what would be right.
  await grid.getByRole("button", { name: "Show the error of line 3" }).click();
  const error = page.getByRole("dialog");
  await error.getByText("day must be a date that exists, written as yyyy-MM-dd.").waitFor();
  await error.getByRole("button", { name: "Change it to 2026-11-19" }).click();
  await page.getByText("6 rows of 21 are invalid").waitFor();

  // One kind of finding alone, and its fix for all of them.
  const findings = page.getByRole("region", { name: "6 errors" });
  await findings.getByRole("button", { name: "Not a decimal" }).click();
  await eventually(() => grid.getByRole("row").count()).toBe(2);
  await row(page, 18).getByRole("gridcell", { name: "1,50", selected: true }).waitFor();
  await findings
    .getByRole("listitem")
    .filter({ hasText: "Not a decimal" })
    .getByRole("button", { name: "Apply the fix" })
    .click();
  await page.getByText("5 rows of 21 are invalid").waitFor();
  await page.getByRole("radiogroup", { name: "Which rows" }).getByText("All 21 rows").click();

  // Cells, by keyboard, as fast as somebody types: the check of the one before may still be running.
  await mend(page, 5, "quantity", "2");
  await mend(page, 7, "store_id", "ST-002");
  await mend(page, 10, "discount", "0.00");
  await mend(page, 10, "revenue", "129.00");
  await mend(page, 12, "revenue", "1161.00");
  await mend(page, 15, "sku", "IRIS-DR-101-L");
  await page.getByText("The file passes the structural check").waitFor();
  await submit.click();
  await follow(page);

  const rows = await inlet.rows(`
    SELECT concat_ws('|', to_char(day, 'YYYY-MM-DD'), store_id, sku, quantity, discount, revenue) AS line
    FROM ${schema}.iris__daily_sales ORDER BY 1`);
  const expected = faulty
    .replace("19.11.2026", "2026-11-19")
    .replace("two", "2")
    .replace("2026-11-19\t\t", "2026-11-19\tST-002\t")
    .replace("ST-003\tIRIS-JK-204-M\t1", "ST-003\tIRIS-JK-204-M\t1\t0.00\t129.00")
    .replace("-1161.00", "1161.00")
    .replace(/(ST-011\tIRIS-DR-101)-M(\t.*\n2026-11-19\tST-011\tIRIS-DR-101)-M/, "$1-M$2-L")
    .replace("1,50", "1.50");
  expect(rows.map(({ line }) => line)).toEqual(linesOf(expected));
  await admin.leave();
});

test("a label that nobody knows is mapped by hand, remembered, and understood by itself the next time", async () => {
  const admin = await inlet.admin();
  const { page } = admin;
  const give = async (name: string, store: string) => {
    await page.goto("/upload?service=spring/iris/store");
    const content = `${STORES.replace("store_id", "Filialcode")}P-01\tNorth\t${store}\tHarbour Front\t1\n`;
    await page.locator("input[type=file]").setInputFiles(picked(name, content));
  };
  await give("store-2026-11-20.tsv", "ST-001");
  await page.getByText("The file does not pass the structural check").waitFor();
  const columns = page.getByRole("region", { name: "Columns", exact: true });
  await columns.getByText("store_id missing").waitFor();
  await columns.getByLabel("What Filialcode means").click();
  await page.getByRole("option", { name: /^store_id/ }).click();
  await columns.getByText("5 of 5 columns of the file are understood.").waitFor();
  await columns.getByRole("checkbox", { name: /Remember/ }).click();
  await columns.getByRole("checkbox", { name: /Remember/, checked: true }).waitFor();
  await page.getByText("The file passes the structural check").waitFor();
  await page.getByRole("button", { name: "Submit" }).click();
  await follow(page);
  expect(await inlet.rows(`SELECT store_id FROM ${schema}.iris__store`)).toEqual([{ store_id: "ST-001" }]);
  await give("store-2026-11-21.tsv", "ST-002");
  await page.getByText("The file passes the structural check").waitFor();
  await admin.leave();
});

test("a file of 300,000 rows whose connection breaks arrives whole, and is walked through with few rows in the page", async () => {
  const admin = await inlet.admin();
  const lines = Array.from({ length: 300_000 }, (_, at) => `P-01\tNorth\tST-${at + 1}\tHarbour Front\t1`);
  const content = Buffer.from(`${STORES}${lines.join("\n")}\n`);
  const line = await openCutLine({ port: Number(new URL(inlet.url).port), cutAfterBytes: 6_000_000 });
  const visitor = await Visitor.enter(inlet.browser, line.url);
  await visitor.context.addCookies(await admin.context.cookies());
  const { page } = visitor;
  const grid = gridOf(page);
  await page.goto("/upload?service=spring/iris/store");
  await page.locator("input[type=file]").setInputFiles(picked("store-2026-11-22.tsv", content));
  await page.getByText("The connection broke; it goes on by itself").waitFor();
  line.mend();
  await page.getByText("The file passes the structural check").waitFor({ timeout: 2 * PATIENCE_MS });

  expect(await grid.getAttribute("aria-rowcount")).toBe("300001");
  await grid.focus();
  await page.keyboard.press("Control+End");
  await grid.getByRole("gridcell", { name: "ST-300000", exact: true }).waitFor();
  await page.getByLabel("Go to line").fill("150001");
  await page.keyboard.press("Enter");
  await grid.getByRole("gridcell", { name: "ST-150000", exact: true }).waitFor();
  const { x, y } = (await grid.boundingBox())!;
  await page.mouse.move(x + 200, y + 200);
  await page.mouse.wheel(0, -10 * 34);
  await grid.getByRole("gridcell", { name: "ST-149990", exact: true }).waitFor();
  expect(await grid.getByRole("row").count()).toBeLessThan(40);

  await page.getByRole("button", { name: "Submit" }).click();
  await follow(page);
  const { sha256, counts } = await inlet.api.batch(Number(page.url().split("/").at(-1)));
  expect(sha256).toBe(createHash("sha256").update(content).digest("hex"));
  expect(counts.imported).toBe(300_000);
  await visitor.leave();
  await admin.leave();
  line.close();
});

test("somebody without a mouse signs in, uploads, mends a cell and submits", async () => {
  await (await inlet.admin()).leave();
  const visitor = await inlet.stranger();
  const { page } = visitor;
  // From the first listener on the browser hands its file dialogs to us: long before the key press that opens one.
  page.on("filechooser", () => {});
  await page.goto("/upload?service=spring/iris/store");
  await eventually(() => focused(page)).toMatch(/E-mail/);
  await page.keyboard.type(ADMIN.login);
  await tabTo(page, /Password/);
  await page.keyboard.type(ADMIN.password);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Select file" }).waitFor();
  await eventually(() => focused(page)).toBe("h1 Upload a file");
  await tabTo(page, /Select file/);
  const chooser = page.waitForEvent("filechooser");
  await page.keyboard.press("Enter");
  const content = `${STORES}P-01\tNorth\tST-1\tHarbour Front\tyes\n`;
  await (await chooser).setFiles(picked("store-2026-11-23.tsv", content));
  await page.getByText("The file does not pass the structural check").waitFor();
  await eventually(() => focused(page)).toBe("h1 store-2026-11-23.tsv");
  await tabTo(page, /Go to line/);
  await page.keyboard.type("2");
  await page.keyboard.press("Enter");
  await eventually(() => focused(page)).toMatch(/grid Rows of the file/);
  // The jump leads to the cell that is wrong.
  await page.keyboard.press("Enter");
  await eventually(() => focused(page)).toMatch(/Mend the cell/);
  await page.keyboard.type("1");
  await page.keyboard.press("Enter");
  await page.getByText("The file passes the structural check").waitFor();
  expect(await focused(page)).toMatch(/grid Rows of the file/);
  await tabTo(page, /button Submit/, "Shift+Tab");
  await page.keyboard.press("Enter");
  await page.getByText("store-2026-11-23.tsv is submitted").waitFor();
  await eventually(() => focused(page)).toBe("h1 store-2026-11-23.tsv");
  // The batch has its number as soon as the watcher has taken the file.
  await page.getByRole("link", { name: "Follow it" }).waitFor();
  await tabTo(page, /Follow it/);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1 }).getByText("Completed").waitFor();
  await visitor.leave();
});

const gridOf = (page: Page) => page.getByRole("grid", { name: "Rows of the file" });

const row = (page: Page, line: number) =>
  gridOf(page)
    .getByRole("row")
    .filter({ has: page.getByRole("rowheader", { name: new RegExp(`^${line}\\b`) }) });

/** Goes to a line, and in it to a column, and writes into the cell. */
async function mend(page: Page, line: number, column: string, value: string): Promise<void> {
  await page.getByLabel("Go to line").fill(String(line));
  await page.keyboard.press("Enter");
  await eventually(() => focused(page)).toMatch(/grid Rows of the file/);
  await row(page, line).getByRole("gridcell", { selected: true }).waitFor();
  await page.keyboard.press("Home");
  const columns = ["day", "store_id", "sku", "quantity", "discount", "revenue"];
  for (let at = 0; at < columns.indexOf(column); at += 1) await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await page.keyboard.type(value);
  await page.keyboard.press("Enter");
}

async function follow(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Follow it" }).click();
  await page.getByRole("heading", { level: 1 }).getByText("Completed").waitFor();
}

const linesOf = (tsv: string) =>
  tsv
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => line.replaceAll("\t", "|"))
    .sort();

/** What the keyboard is at: its role or element, and its name. */
const focused = (page: Page) =>
  page.evaluate<string>(`(() => {
    const element = document.activeElement;
    if (element === null || element === document.body) return "nothing";
    const name = element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent ?? element.textContent ?? "";
    return (element.getAttribute("role") ?? element.tagName.toLowerCase()) + " " + name.trim();
  })()`);

async function tabTo(page: Page, what: RegExp, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  const passed: string[] = [];
  for (let at = 0; at < 60; at += 1) {
    await page.keyboard.press(key);
    const there = await focused(page);
    if (what.test(there)) return;
    passed.push(there);
  }
  throw new Error(`the keyboard does not reach ${what}: ${passed.join(" | ")}`);
}
