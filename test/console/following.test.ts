import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { startServiceLayer } from "@inlet/connectors/testing";
import type { ProfileInput } from "@inlet/contracts";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { waitFor } from "../fixtures/hub.ts";
import { buildProfile, buildTable } from "../fixtures/profile.ts";
import { live } from "../fixtures/reception.ts";
import { openOutsideShop } from "../sync/outside-shop.ts";
import { axeViolations, overflowPx, settled } from "./axe.ts";
import { eventually } from "./browser.ts";
import { ConsoleHub, demoFile } from "./console-hub.ts";

/** What became of files; and every page for everybody: whatever stands in it, on any screen, in light and dark. */

let inlet: ConsoleHub;
beforeAll(async () => {
  const services = ["watcher", "puller", "validator", "importer", "notifier", "syncer", "api"] as const;
  const subscribers = fileURLToPath(new URL("../sync/subscribers", import.meta.url));
  const env = { REMOTE_ALLOW: "127.0.0.1", SUBSCRIBERS_FOLDER: subscribers, LOOK_MS: "50", REGISTER_MS: "50" };
  inlet = await ConsoleHub.open({ services: [...services], env });
  await inlet.retailer();
});
afterAll(() => inlet?.stop());

const send = async (name: string, content: Buffer | string, project = "iris") =>
  await inlet.api.upload({ client: "spring", project, name, body: new Blob([Buffer.from(content)]) });

test("a file that comes is shown without reloading, and filters stand in the address and under a name", async () => {
  const admin = await inlet.admin();
  const { page } = admin;
  const table = page.getByRole("table", { name: "Batches, the newest first" });
  const search = page.getByRole("searchbox", { name: "Search" });
  const searched = () => new URL(page.url()).searchParams.get("text");
  await page.goto("/activity");
  await page.getByText("No file has come yet").waitFor();
  await send("store-2026-11-20.tsv", await demoFile("store.tsv"));
  await table.getByRole("row", { name: /Completed store-2026-11-20.tsv/ }).waitFor();
  await send("daily_sales-2026-11-20.tsv", await demoFile("daily_sales-with-faults.tsv"));
  await table.getByRole("row", { name: /Rejected daily_sales-2026-11-20.tsv/ }).waitFor();

  await search.fill("store-2026");
  await eventually(searched).toBe("store-2026");
  await eventually(() => table.getByRole("row").count()).toBe(2);
  await page.reload();
  await eventually(() => table.getByRole("row").count()).toBe(2);
  expect(await search.inputValue()).toBe("store-2026");
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: "Save these filters" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill("Stores");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Clear", exact: true }).click();
  await eventually(searched).toBeNull();
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: "Stores" }).click();
  await eventually(searched).toBe("store-2026");
  await table.getByRole("link", { name: "store-2026-11-20.tsv" }).click();
  await page.getByRole("heading", { level: 1 }).getByText("Completed").waitFor();
  await page.goBack();
  await eventually(searched).toBe("store-2026");
  await eventually(() => table.getByRole("row").count()).toBe(2);
  await admin.leave();
});

test("a batch tells where its records stayed, by kind and line, gives its error file, and is run again", async () => {
  const { id } = await inlet.ended("daily_sales-2026-11-20.tsv");
  const admin = await inlet.admin();
  const { page } = admin;
  await page.goto(`/batches/${id}`);
  await page.getByRole("heading", { level: 1 }).getByText("Rejected").waitFor();
  const flow = page.getByRole("list", { name: "The records on their way" }).getByRole("listitem");
  expect(await flow.allTextContents()).toEqual(["Records read218 rejected", "Valid13", "Imported–", "Delivered–"]);
  const findings = page.getByRole("table", { name: "Findings in the order of the file" });
  await eventually(() => findings.getByRole("row").count()).toBe(9);
  await page.getByText("Not a date · 1").click();
  await eventually(() => findings.getByRole("row").count()).toBe(2);
  await findings.getByRole("row", { name: /^3 day .*Suggested: 2026-11-19 19\.11\.2026$/ }).waitFor();
  await page.getByRole("button", { name: "Show the log" }).click();
  await page.getByText("step done").first().waitFor();
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download daily_sales-2026-11-20.errors.tsv" }).click();
  const errors = await readFile(await (await download).path(), "utf8");
  expect(errors.split("\n")[1]).toMatch(/^19\.11\.2026\tST-001\t.*\tnot_a_date\t/);
  // What cannot be done says why.
  expect(await page.getByRole("button", { name: "Cancel" }).getAttribute("aria-disabled")).toBe("true");
  await page.getByRole("button", { name: "Run again" }).focus();
  await page.keyboard.press("Shift+Tab");
  await page.getByRole("tooltip").waitFor();
  // A dialog that is left gives the focus back.
  await page.getByRole("button", { name: "Run again" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  await eventually(() => page.evaluate("document.activeElement.textContent")).toBe("Run again");
  await page.getByRole("button", { name: "Run again" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Run again" }).click();
  await page.getByText(/received again as batch/).waitFor();
  await page.getByText("Re-run of", { exact: true }).waitFor();
  await page.getByRole("heading", { level: 1 }).getByText("Rejected").waitFor();
  await admin.leave();
});

test("a run says which table came and which is missing", async () => {
  await send("store-2026-11-22.tsv", (await demoFile("store.tsv")).toString().replace("Harbour Front", "Harbour"));
  const { runId } = await inlet.ended("store-2026-11-22.tsv");
  const admin = await inlet.admin();
  await admin.page.goto("/runs");
  await admin.page.getByRole("table", { name: "Runs, the newest first" }).getByRole("link").first().click();
  await admin.page.waitForURL(`**/runs/${runId}`);
  const tables = admin.page.getByRole("table", { name: "Tables of this run" });
  await tables.getByRole("row", { name: /store Success store-2026-11-22.tsv/ }).waitFor();
  await tables.getByRole("row", { name: /daily_sales Missing No file has come/ }).waitFor();
  await admin.leave();
});

test("the imported rows of a table are found by the keyboard, narrowed, and looked at one by one", async () => {
  const admin = await inlet.admin();
  const { page } = admin;
  await page.goto("/activity");
  await page.getByRole("heading", { name: "Activity" }).waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("option", { name: "Tables" }).waitFor();
  await page.keyboard.type("tables");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/tables");
  await page.getByRole("link", { name: "store", exact: true }).click();
  await page.getByRole("status").filter({ hasText: "8 rows in all" }).waitFor();
  await page.getByRole("button", { name: "Add a filter" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a filter" });
  await dialog.getByRole("combobox", { name: "Column" }).click();
  await page.getByRole("option", { name: "region" }).click();
  await dialog.getByRole("textbox", { name: "Value" }).fill("South");
  await dialog.getByRole("button", { name: "Add the filter" }).click();
  await page.getByRole("status").filter({ hasText: "3 rows in all" }).waitFor();
  expect(new URL(page.url()).searchParams.get("where")).toBe("region:eq:South");
  await page.getByRole("row", { name: /Market Square/ }).click();
  await page
    .getByRole("dialog", { name: "Row" })
    .getByRole("link", { name: /^batch / })
    .waitFor();
  await admin.leave();
});

test("rows are probed and pulled; a pull that is stopped says what was expected and what came, and monitoring is switched", async () => {
  const erp = await givenErp();
  const admin = await inlet.admin();
  const { page } = admin;
  await page.goto("/projects/spring/erp");
  await page.getByRole("navigation", { name: "Pages of this project" }).getByRole("link", { name: "Pulls" }).click();
  await page.getByText("Nothing was pulled yet").waitFor();
  await page.getByRole("button", { name: "Probe" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Probe" }).click();
  await page.getByRole("status").filter({ hasText: "Access granted" }).getByText("25 items").waitFor();
  await page.getByRole("table", { name: "Fields of an item" }).getByText("ItemCode").waitFor();
  await page.getByRole("region", { name: "The first rows", exact: true }).getByText("I001").waitFor();
  pulledPages.push(new URL(page.url()).pathname);

  await page.getByRole("link", { name: "Pulls" }).click();
  await page.getByRole("button", { name: "Pull now" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByRole("button", { name: "Pull now" }).click();
  const tables = page.getByRole("table", { name: /^Pulled tables/ });
  await tables.getByRole("row", { name: /items .*Imported.* 25 25 25/ }).waitFor();

  // Not the question whether we get in: the page after it.
  erp.faults.add({ kind: "skip" }, { after: 1 });
  await tables.getByRole("link", { name: /^Pull \d+$/ }).click();
  await page.getByRole("button", { name: "Pull again" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Pull again" }).click();
  await page.getByRole("heading", { level: 1 }).getByText("Stopped").waitFor();
  await page
    .getByRole("status")
    .filter({ hasText: "Nothing was imported" })
    .getByText(/25 items, but 15/)
    .waitFor();
  await page.getByText("10 missing").waitFor();
  expect(await inlet.rows("SELECT count(*)::int AS rows FROM client_spring.erp__items")).toEqual([{ rows: 25 }]);
  pulledPages.push(new URL(page.url()).pathname, "/projects/spring/erp/pulls");

  await page.goto("/projects/spring/erp/profile#monitoring");
  const monitoring = page.getByRole("region", { name: "Import monitoring" });
  await monitoring.getByLabel(/^Who is told/).fill("erp@spring.example");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Review the changes" }).click();
  await page.getByRole("button", { name: "Save as the next version" }).click();
  await eventually(async () => (await inlet.api.pullState("spring", "erp")).recipients).toContain("erp@spring.example");
  await erp.close();
  await admin.leave();
});

test("an item that was refused is tried again and taken, both sides are compared and mended, and a history says who did what", async () => {
  const shop = await openOutsideShop();
  shop.change("W-1", { sku: "W-1", name: "Chair", price: "49.90" });
  shop.change("W-2", { sku: "W-2", name: "Voucher", price: "-4.00" });
  await inlet.api.applyProfile(shopProfile(shop.url, { min: 0 }), { live: "a test" });
  const operator = await inlet.user("operator");
  const { page } = operator;
  await page.goto("/projects/spring/shop");
  await page.getByRole("region", { name: "Catalogs" }).getByRole("link", { name: "outlet" }).click();
  await page.getByText("In step but for 1").waitFor();
  const refused = page.getByRole("region", { name: "What was not taken" });
  await refused.getByText("price must be 0 or more. It is -4.00.").waitFor();

  await inlet.api.applyProfile(shopProfile(shop.url, {}), { live: "a test" });
  await eventually(async () => {
    // The syncer takes up a profile by and by, and refuses it again until then.
    const again = refused.getByRole("row", { name: /Given up/ }).getByRole("button", { name: "Try again" });
    if (await again.isVisible()) await again.click({ timeout: 500 }).catch(() => "it is gone by now");
    return await refused.getByText("Every item that was sent either way was taken").isVisible();
  }).toBe(true);
  await page.getByText("In step", { exact: true }).waitFor();

  shop.damage("W-1", { sku: "W-1", name: "Table", price: "49.90" });
  const comparisons = page.getByRole("region", { name: "Comparisons of both sides" });
  await comparisons.getByRole("button", { name: "Compare now" }).focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Compare with outlet?" });
  await dialog.getByRole("checkbox", { name: "Mend what differs" }).check();
  await dialog.getByRole("button", { name: "Compare" }).click();
  await comparisons.getByRole("row", { name: /1 item differed .*1 different, 1 taken/ }).waitFor();
  await comparisons.getByText("W-1 differs in name").waitFor();
  syncPages.push("/catalogs", new URL(page.url()).pathname, "/catalogs/spring/shop/items");

  await page.getByRole("link", { name: "items", exact: true }).click();
  await page
    .getByRole("table", { name: /^Items of items/ })
    .getByRole("link", { name: "W-1" })
    .click();
  const history = page.getByRole("dialog", { name: "W-1" });
  await history.getByText("Changed", { exact: true }).waitFor();
  expect(await history.getByRole("listitem").allTextContents()).toEqual([
    expect.stringMatching(/^Changedname Table.* by outlet \(reconciliation \d+\)/),
    expect.stringMatching(/^New.*name Chair.* by outlet/),
  ]);
  await page.keyboard.press("Escape");
  await history.waitFor({ state: "hidden" });
  expect(new URL(page.url()).search).toBe("");
  await operator.leave();
  await shop.close();
});

/** What the pages of catalogs are called, to be looked at with the others. */
const syncPages: string[] = [];

const shopProfile = (url: string, price: { min?: number }): ProfileInput => ({
  ...{ client: "spring", project: "shop", folders: { uploads: "/shop" } },
  tables: [
    {
      ...{ name: "items", files: ["items-*.csv"], mode: "upsert", key: ["sku"] },
      columns: [
        { name: "sku", required: true },
        { name: "name" },
        { name: "price", type: "decimal", precision: 12, scale: 2, ...price },
      ],
    },
  ],
  catalogs: [
    {
      table: "items",
      subscribers: [
        { name: "outlet", use: "outside_shop", settings: { url }, inward: { by: "poll", everySeconds: 1 } },
      ],
    },
  ],
});

/** What the pages of pulls are called, to be looked at with the others. */
const pulledPages: string[] = [];

/** A system with 25 items, and a project that pulls them. */
async function givenErp() {
  const items = Array.from({ length: 25 }, (_, at) => ({
    ItemCode: `I${String(at + 1).padStart(3, "0")}`,
    Price: 9.5,
  }));
  const erp = await startServiceLayer({ items, greatestPageSize: 10 });
  const { url, company, username, password } = erp;
  const profile: ProfileInput = {
    ...{ client: "spring", project: "erp" },
    source: {
      kind: "pull",
      system: { connector: "sap_business_one", url, company, username, secret: "erp_password" },
      pulls: [{ table: "items", resource: "Items", pageSize: 10 }],
    },
    tables: [
      {
        name: "items",
        mode: "replace",
        key: ["code"],
        columns: [
          { name: "code", header: "ItemCode" },
          { name: "price", header: "Price", type: "decimal" },
        ],
      },
    ],
  };
  await inlet.api.storeSecret("spring", "erp_password", password);
  await inlet.api.applyProfile(profile, { live: "a test" });
  return erp;
}

test("whatever stands in names and cells, every page holds, runs nothing of it, and keeps to WCAG 2.2 AA", {
  timeout: 240_000,
}, async () => {
  const { id, runId } = await inlet.ended("store-2026-11-20.tsv");
  const hostile = await givenHostileThings();
  const project = "/projects/spring/hostile";
  const paths = [
    ...["/activity", `/batches/${id}`, `/batches/${hostile.batchId}`, "/runs", `/runs/${runId}`],
    ...["/upload", `/upload/${hostile.draftId}`, "/tables", "/tables/spring/iris/store", "/projects", project],
    ...[`${project}/access`, `${project}/keys`, `${project}/profile`, "/set-up", "/webhooks?client=spring"],
    ...[`/webhooks/${hostile.webhookId}`, "/operations", "/audit", "/users", "/api-keys", "/account"],
    ...pulledPages,
    ...syncPages,
  ];
  const admin = await inlet.admin();
  const walkers = [admin.page, await admin.context.newPage()];
  const poor = await Promise.all(
    walkers.map(async (page, walker) => {
      const found: string[] = [];
      for (const path of paths.filter((_, at) => at % walkers.length === walker)) {
        found.push(...(await poorOf(page, path)).map((what) => `${path}: ${what}`));
      }
      expect(await page.evaluate("globalThis.ran")).toBeUndefined();
      return found;
    }),
  );
  expect(poor.flat()).toEqual([]);
  await admin.leave();
});

/** What is wrong with a page: light and dark, on a wide screen and a phone. */
async function poorOf(page: Page, path: string): Promise<string[]> {
  const found: string[] = [];
  const look = async (what: string, rule?: string) => {
    await settled(page);
    found.push(...(await axeViolations(page, rule)).map((violation) => `${what}, ${violation}`));
    const px = await overflowPx(page);
    if (px > 0) found.push(`${what}, ${px} px too wide`);
  };
  await page.setViewportSize({ width: 1360, height: 860 });
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto(path);
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  const waiting = page.locator("[data-state=waiting], .mantine-Skeleton-root");
  await eventually(async () => {
    // What is below the fold may load only when it is looked at.
    await waiting.evaluateAll((all) => (all.at(-1) as { scrollIntoView(): void } | undefined)?.scrollIntoView());
    return await waiting.count();
  }).toBe(0);
  await look("light");
  await page.emulateMedia({ colorScheme: "dark" });
  await page.locator("html[data-mantine-color-scheme=dark]").waitFor();
  await look("dark", "color-contrast");
  await page.setViewportSize({ width: 390, height: 844 });
  await look("phone");
  return found;
}

/** A project, a file, a draft, a user and a webhook that are called as nobody should be. */
async function givenHostileThings() {
  const script = `<img src=x onerror="globalThis.ran=1;alert(1)"><script>globalThis.ran=1</script>`;
  const backwards = "\u202Egnp.exe\u202C";
  const long = "Without-a-break-".repeat(8);
  const { links: _none, ...profile } = buildProfile({
    ...{ client: "spring", project: "hostile", title: `${script}${long}`.slice(0, 100) },
    notify: { recipients: ["data@spring.example"] },
    tables: [buildTable({ description: `${script} ${long}` })],
  });
  await live(inlet.hub.database, profile);
  const name = `${script} ${backwards} ${long}.csv`.replaceAll("/", "");
  const cells = script.replaceAll('"', '""');
  const content = `id,<b>name</b>${long},amount\n1,"${cells}",1.5\nx,"${cells}",2\n3,${"W".repeat(3_000)},=1+1\n`;
  const { arrivalId } = await send(name, content, "hostile");
  const draft = { fileName: name, sizeBytes: Buffer.byteLength(content), table: "rows" };
  const { id: draftId } = await inlet.api.beginDraft("spring", "hostile", draft);
  await inlet.api.sendDraftContent(draftId, new Blob([content]));
  await inlet.api.addUser({ login: "hostile@spring.example", name: script.slice(0, 80), role: "viewer" });
  const url = `http://127.0.0.1:9/${long}`;
  const webhook = await inlet.api.addWebhook("spring", { url, description: script, events: ["run.reported"] });
  const batchId = await waitFor(async () => {
    const found = (await inlet.api.arrival(arrivalId)).batchId;
    return found !== null && (await inlet.api.batch(found)).endedAt !== null && found;
  }, "the end of the hostile file");
  await waitFor(async () => (await inlet.api.draft(draftId)).state === "checked", "the check of the hostile draft");
  return { batchId, draftId, webhookId: webhook.id };
}
