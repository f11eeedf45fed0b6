import { join } from "node:path";
import { type Blobs, openBlobs } from "@inlet/blobs";
import { type Database, insertRevocation, openDatabase } from "@inlet/database";
import { buildPlayer, openTestStack, type Stack, waitFor } from "@inlet/stack";
import type { Browser, Response } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildLinkedBatch } from "../../services/landing/src/testing/linked-batch.ts";
import { axeViolations, overflowPx } from "../console/axe.ts";
import { eventually, openBrowser, Visitor, type VisitorOptions } from "../console/browser.ts";
import { type ReadyName, readyStoryboard } from "../fixtures/ready-storyboard.ts";

/** Landing pages as recipients see them: the ready storyboards, in a real browser. */

let stack: Stack & AsyncDisposable;
let database: Database;
let blobs: Blobs;
let browser: Browser;

beforeAll(async () => {
  await buildPlayer();
  [browser, stack] = await Promise.all([openBrowser(), openTestStack({ services: ["landing"] })]);
  database = openDatabase(stack.databaseUrl, { applicationName: "test" });
  blobs = openBlobs(join(stack.dataFolder, "blobs"));
});
afterAll(async () => {
  await browser?.close();
  await database?.close();
  await stack?.stop();
});

type Overrides = Partial<Parameters<typeof buildLinkedBatch>[0]>;

async function build(name: ReadyName, overrides: Overrides = {}) {
  const { recordOf, ...ready } = await readyStoryboard(name);
  const keyEncryptionKey = Buffer.from(stack.key, "base64");
  const batch = await buildLinkedBatch({ database, blobs, keyEncryptionKey, ...ready, ...overrides });
  return { ...batch, pathOf: (sample: string) => `/p/${batch.token(recordOf(sample))}` };
}

const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };
const enter = (options: VisitorOptions = {}) => Visitor.enter(browser, stack.landingUrl, options);

/** Of a mid-range phone on a slow network, as Lighthouse has it. */
const SLOW = {
  network: { offline: false, latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8 },
  cpu: 4,
};
/** The page with its style, and the player. */
const BUDGET_BYTES = 60_000;
/** From the press on the link to words on the screen. */
const FIRST_PAINT_MS = 1_000;

/** Somebody with a slow phone opens a page, and waits until all of it is there. */
async function openSlowly(path: string) {
  const visitor = await enter({ ...PHONE, reducedMotion: "no-preference" });
  const { page, context } = visitor;
  const session = await context.newCDPSession(page);
  await session.send("Network.emulateNetworkConditions", SLOW.network);
  await session.send("Emulation.setCPUThrottlingRate", { rate: SLOW.cpu });
  const responses: Response[] = [];
  page.on("response", (response) => responses.push(response));
  await page.goto(path, { waitUntil: "networkidle" });
  const paintMs = await page.evaluate<number>("performance.getEntriesByName('first-contentful-paint')[0].startTime");
  return { visitor, page, responses, paintMs };
}

test("a slow phone gets a page and its player of less than 60 KB, in few requests, and soon something to look at", async () => {
  const batch = await build("order-on-its-way");
  const { visitor, page, responses, ...first } = await openSlowly(batch.pathOf("Iris"));
  const sizes = await Promise.all(
    responses.map(async (response) => ({
      kind: new URL(response.url()).pathname.split("/")[1]!,
      type: response.headers()["content-type"]!,
      bytes: (await response.request().sizes()).responseBodySize,
    })),
  );
  const code = sizes.filter(({ type }) => /html|javascript|css/.test(type));
  expect(code.map(({ kind }) => kind).sort()).toEqual(["p", "s"]);
  expect(code.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(BUDGET_BYTES);
  expect(sizes.filter(({ kind }) => kind === "t")).toHaveLength(1);
  // The page, the player, the picture and the icon; the fonts and pictures of the film.
  expect(sizes.length).toBeLessThanOrEqual(4 + 3 + batch.assets.length);
  const blocking =
    "performance.getEntriesByType('resource').filter((each) => each.renderBlockingStatus === 'blocking')";
  expect(await page.evaluate(`${blocking}.map((each) => each.name)`)).toEqual([]);
  await visitor.leave();
  // 0.4 s on a quiet machine. Other tests may have taken this one for a while: then once more.
  let { paintMs } = first;
  for (let time = 1; paintMs >= FIRST_PAINT_MS && time < 6; time += 1) {
    const again = await openSlowly(batch.pathOf("Iris"));
    paintMs = Math.min(paintMs, again.paintMs);
    await again.visitor.leave();
  }
  expect(paintMs).toBeLessThan(FIRST_PAINT_MS);
});

test("the film plays at a press of its button, and that is counted; nothing is kept in the browser", async () => {
  const { storyboard } = await readyStoryboard("birthday");
  const button = { label: "Unwrap", url: `${stack.landingUrl}/elsewhere` };
  const batch = await build("birthday", { storyboard: { ...storyboard, page: { ...storyboard.page, button } } });
  const visitor = await enter({ reducedMotion: "no-preference", refusals: [/^GET 404 \/elsewhere$/] });
  const { page, context } = visitor;
  await page.goto(batch.pathOf("Iris"));
  await page.getByRole("button", { name: "Play", exact: true }).first().click();
  const kinds = async () => {
    const rows = await database.query
      .selectFrom("link_events")
      .select(["kind", "detail", "visitor"])
      .where("batch_id", "=", batch.batchId)
      .execute();
    return rows.map(({ kind, detail }) => [kind, detail].filter(Boolean).join(" ")).sort();
  };
  await waitFor(async () => (await kinds()).includes("play"), { timeoutMs: 20_000, what: "the play" });
  // The page's own button leads away; that it was pressed is told all the same.
  await page.getByRole("link", { name: "Unwrap", exact: true }).click();
  await page.waitForURL("**/elsewhere");
  await waitFor(async () => (await kinds()).includes("click page"), { timeoutMs: 20_000, what: "the click" });
  expect(await kinds()).toEqual(expect.arrayContaining(["page", "play", "click page"]));
  await page.goBack();
  expect(await context.cookies()).toEqual([]);
  expect(await page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length")).toBe(0);
  await visitor.leave();
});

const rehearsals = new Map<ReadyName, ReturnType<typeof build>>();

/** A rehearsal's batch of this storyboard, made once. */
async function rehearsed(name: ReadyName) {
  let built = rehearsals.get(name);
  if (built === undefined) {
    built = build(name);
    rehearsals.set(name, built);
    await (await built).change({ rehearsal: true });
  }
  return await built;
}

test.each([
  ["card", "order-on-its-way", "Iris", "light", PHONE],
  ["card", "order-on-its-way", "very long", "dark", {}],
  ["stage", "birthday", "Hebrew", "dark", PHONE],
  ["split", "renewal", "Arabic", "light", {}],
  ["split", "renewal", "very long", "dark", PHONE],
] as const)("axe finds nothing on a %s (%s, %s, %s)", async (template, name, sample, colorScheme, device) => {
  const batch = await rehearsed(name);
  const visitor = await enter({ ...device, colorScheme });
  const { page } = visitor;
  await page.goto(batch.pathOf(sample));
  await page.getByRole("button").first().waitFor();
  expect(await page.locator("body").getAttribute("class")).toBe(`${template} landscape`);
  expect(await axeViolations(page)).toEqual([]);
  expect(await overflowPx(page)).toBe(0);
  await visitor.leave();
});

test("without scripts the picture and the words are there", async () => {
  const batch = await build("renewal");
  const visitor = await enter({ ...PHONE, javaScriptEnabled: false });
  const { page } = visitor;
  await page.goto(batch.pathOf("Iris"));
  await page.getByRole("heading", { name: "Your renewal, Iris" }).waitFor();
  await page.getByRole("link", { name: "See my contract" }).waitFor();
  const poster = await page.getByRole("img", { name: "Your renewal, Iris" }).boundingBox();
  expect(poster).toMatchObject({ width: 390 });
  await visitor.leave();
});

test("hostile values run nothing, and break nothing", async () => {
  const evil = "</script><img src=x onerror=alert(1)><script>alert(2)</script>{{constructor}}\u202e";
  const batch = await build("birthday", {
    csv: `first_name,language,gift,gift_code\n"${evil}",__proto__,"javascript:alert(3)","../../?x#y\\n"\n`,
    columns: ["first_name", "language", "gift", "gift_code"],
  });
  const visitor = await enter();
  const { page } = visitor;
  await page.goto(`/p/${batch.token(1)}`);
  await page.getByRole("button", { name: "Play", exact: true }).first().click();
  await page.getByText("javascript:alert(3)").first().waitFor();
  expect(await page.title()).toContain("</script><img src=x onerror=alert(1)>");
  const call = await page.getByRole("link", { name: "Unwrap my present" }).getAttribute("href");
  expect(call).toMatch(/^https:\/\/www\.example\.org\/birthday\?code=/);
  await visitor.leave();
});

test("a link that was taken back or has expired says so alike, in the visitor's language", async () => {
  const expired = await build("birthday", { expiresAt: new Date(Date.now() - 1_000) });
  const revoked = await build("birthday");
  await insertRevocation(database, { batchId: revoked.batchId, record: 1 });
  const visitor = await enter({ ...PHONE, locale: "de-AT", refusals: [/^GET 404 \/p\//] });
  const { page } = visitor;
  const texts: string[] = [];
  for (const path of [expired.pathOf("Iris"), revoked.pathOf("Iris")]) {
    await page.goto(path);
    texts.push((await page.locator("main").textContent()) ?? "");
  }
  expect(await axeViolations(page)).toEqual([]);
  expect(texts[0]).toContain("Dieser Link öffnet sich nicht");
  expect(texts[1]).toBe(texts[0]);
  await eventually(() => page.title()).toBe("Dieser Link öffnet sich nicht");
  await visitor.leave();
});
