// `node test/console/gallery.ts`: takes the pictures of the README anew, into docs/images, from a hub of its own.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { profileSchema } from "@inlet/contracts";
import { buildPlayer } from "@inlet/stack";
import type { Page } from "playwright-core";
import { parse } from "yaml";
import { live } from "../fixtures/reception.ts";
import { picked } from "./browser.ts";
import { ConsoleHub, demoFile } from "./console-hub.ts";

const FOLDER = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const MOST_BYTES = 120_000;
const SIZE = { width: 1280, height: 800 };

await mkdir(FOLDER, { recursive: true });
await buildPlayer();
const inlet = await ConsoleHub.open();
try {
  await takeAll();
} finally {
  await inlet.stop();
}

async function takeAll(): Promise<void> {
  await inlet.retailer();
  const admin = await inlet.admin({ viewport: SIZE, deviceScaleFactor: 1.5 });
  const { page } = admin;
  const store = await demoFile("store.tsv");
  const faulty = (await demoFile("daily_sales-with-faults.tsv")).toString();
  const send = async (name: string, content: Buffer | string) => {
    await inlet.api.upload({ client: "spring", project: "iris", name, body: new Blob([Buffer.from(content)]) });
    await inlet.ended(name);
  };
  await send("store-2026-11-18.tsv", store);
  await send("daily_sales-2026-11-18.tsv", (await demoFile("daily_sales.tsv")).toString().replaceAll("-19\t", "-18\t"));
  await send("store-2026-11-19.tsv", store);
  await send("daily_sales-2026-11-19.tsv", faulty);
  await send("whstock-2026-11-19.tsv", "day\twarehouse_id\tsku\tquantity\n2026-11-19\tWH-1\tIRIS-DR-101-L\t12\n");
  await send("notes-2026-11-19.txt", "what is this\n");

  await page.goto("/upload?service=spring/iris/daily_sales");
  await page.locator("input[type=file]").setInputFiles(picked("daily_sales-2026-11-20.tsv", faulty));
  await page.getByText("The file does not pass the structural check").waitFor();
  await page.getByRole("gridcell", { name: "19.11.2026" }).waitFor();
  await take(page, "upload-red");

  await page.goto("/upload?service=spring/iris/daily_sales");
  const right = await demoFile("daily_sales.tsv");
  await page.locator("input[type=file]").setInputFiles(picked("daily_sales-2026-11-20.tsv", right));
  await page.getByText("The file passes the structural check").waitFor();
  await page.getByRole("gridcell", { name: "IRIS-DR-101-L" }).first().waitFor();
  await take(page, "upload-green");

  await page.goto("/activity");
  await page.getByRole("link", { name: "store-2026-11-18.tsv" }).waitFor();
  await take(page, "activity");

  await page.getByRole("link", { name: "daily_sales-2026-11-19.tsv" }).click();
  await page.getByRole("table", { name: "Findings in the order of the file" }).waitFor();
  await take(page, "batch");

  await page.goto("/set-up");
  await page.getByRole("textbox", { name: "Client", exact: true }).fill("iris");
  await page.getByRole("textbox", { name: "Project", exact: true }).fill("retail");
  await page
    .locator("input[type=file]")
    .setInputFiles([picked("store-2026-11-20.tsv", store), picked("daily_sales-2026-11-20.tsv", right)]);
  await page.getByRole("button", { name: "Remove the table daily_sales" }).waitFor();
  await page.getByRole("combobox", { name: "Trigger", exact: true }).click();
  await page.getByRole("option", { name: "Daily" }).click();
  await page.getByRole("combobox", { name: "E-mail addresses" }).fill("data@iris.example");
  await page.keyboard.press("Enter");
  await page.getByRole("combobox", { name: "Addresses that may log in" }).fill("203.0.113.0/24");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Set it up" }).click();
  await page.getByText("The password is shown only now").waitFor();
  // What differs from hub to hub, and what nobody should copy.
  await page.evaluate(`(() => {
    const fact = (name) => [...document.querySelectorAll("dt")].find(({ textContent }) => textContent === name)?.nextElementSibling;
    fact("Server").querySelector("code").textContent = "sftp.example.com";
    fact("Port").textContent = "22";
    fact("Password").querySelector("code").textContent = "•••••-•••••-•••••-•••••-•••••";
    fact("Or upload at").querySelector("code").textContent = "https://inlet.example.com/upload";
    for (const code of fact("Host key").querySelectorAll("code")) code.textContent = "SHA256:" + "•".repeat(43);
  })()`);
  await take(page, "set-up");
  await admin.leave();

  await takeFilm();

  const phone = await inlet.admin({
    ...{ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, colorScheme: "dark", hasTouch: true },
  });
  await phone.page.goto("/activity");
  await phone.page.getByRole("link", { name: "store-2026-11-18.tsv" }).waitFor();
  await take(phone.page, "phone-dark");
  await phone.leave();
}

/** The demo's campaign: its storyboard in the editor, and a recipient's page on a phone. */
async function takeFilm(): Promise<void> {
  const yaml = await readFile(new URL("../../infra/demo/profiles/campaign.yaml", import.meta.url), "utf8");
  const profile = profileSchema.parse(parse(yaml));
  const { client, project } = profile;
  await live(inlet.hub.database, profile);
  await inlet.api.addAccount({ client, username: client, generatePassword: true });
  const storyboard = new URL("../../infra/demo/storyboards/campaign.json", import.meta.url);
  const document: unknown = JSON.parse(await readFile(storyboard, "utf8"));
  const { revision } = await inlet.api.saveStoryboardDraft(client, project, { document, revision: 0 });
  await inlet.api.publishStoryboard(client, project, { revision });
  const body = new Blob([await demoFile("customers.csv")]);
  await inlet.api.upload({ client, project, name: "customers-2026-11-20.csv", body });
  const batch = await inlet.ended("customers-2026-11-20.csv");

  const admin = await inlet.admin({ viewport: SIZE, deviceScaleFactor: 1.5 });
  await admin.page.goto(`/projects/${client}/${project}/storyboard`);
  await admin.page.getByRole("button", { name: "Publish" }).waitFor();
  await admin.page.evaluate("document.fonts.ready.then(() => undefined)");
  await take(admin.page, "storyboard");
  await admin.leave();

  const result = await text((await inlet.api.artifact(batch.id, "result")).body as never);
  const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };
  const context = await inlet.browser.newContext(phone);
  const page = await context.newPage();
  await page.goto(/https?:[^\s,]*\/p\/[\w-]{35}/.exec(result)![0]);
  await page.waitForLoadState("networkidle");
  await take(page, "landing-phone");
  await context.close();
}

/** As good as fits. */
async function take(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  const devtools = await page.context().newCDPSession(page);
  for (const quality of [90, 80, 70, 60, 50, 40]) {
    const { data } = await devtools.send("Page.captureScreenshot", { format: "webp", quality });
    const bytes = Buffer.from(data, "base64");
    if (bytes.length > MOST_BYTES) continue;
    await writeFile(`${FOLDER}${name}.webp`, bytes);
    process.stdout.write(`${name}.webp: ${bytes.length} bytes, quality ${quality}\n`);
    return;
  }
  throw new Error(`the picture ${name} does not fit into ${MOST_BYTES} bytes`);
}
