import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildProfile, buildTable } from "../fixtures/profile.ts";
import { live } from "../fixtures/reception.ts";
import { axeViolations, overflowPx, settled } from "./axe.ts";
import { eventually } from "./browser.ts";
import { ConsoleHub } from "./console-hub.ts";

/** A storyboard from the first look at a ready one until it is live. */

let inlet: ConsoleHub;
beforeAll(async () => {
  inlet = await ConsoleHub.open({ services: ["renderer", "api"] });
  const columns = [{ name: "first_name" }, { name: "city" }];
  await live(inlet.hub.database, buildProfile({ title: "Spring", tables: [buildTable({ columns })] }));
});
afterAll(() => inlet?.stop());

const path = "/projects/acme/spring/storyboard";
const draft = () => inlet.api.storyboardDraft("acme", "spring");
const standing = () => inlet.api.storyboard("acme", "spring");
const scenes = (page: Page) => page.getByRole("list", { name: "Scenes" }).getByRole("button");
const undone = (page: Page) => page.keyboard.press("Control+z");

/** A red square, four pixels wide. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAAEElEQVR4nGP4z8AARwzEcQCukw/x0F8jngAAAABJRU5ErkJggg==",
  "base64",
);

async function assertSound(page: Page) {
  await settled(page);
  expect(await axeViolations(page)).toEqual([]);
  expect(await overflowPx(page)).toBeLessThanOrEqual(0);
}

test("a ready storyboard is fitted to the project's files, changed, and goes live", async () => {
  const admin = await inlet.admin({ viewport: { width: 1440, height: 900 } });
  const { page } = admin;
  await page.goto(path);
  await page.getByRole("article", { name: "Your order is on its way" }).waitFor();
  await page
    .getByRole("img", { name: "Poster of Happy birthday" })
    .getByText("Iris", { exact: true })
    .first()
    .waitFor();
  await assertSound(page);
  await page.getByRole("article", { name: "Happy birthday" }).getByRole("button", { name: "Begin with it" }).click();

  // What the project's files do not have is chosen or left out; then nothing keeps it from being published.
  await page.getByRole("button", { name: "Choose columns" }).click();
  await page.getByRole("combobox", { name: "Instead of gift", exact: true }).click();
  await page.getByRole("option", { name: "city" }).click();
  await page.getByRole("button", { name: "Use these" }).click();
  await eventually(async () => (await draft()).publishable).toBe(true);
  expect(JSON.stringify((await draft()).document)).toMatch(/\{\{city/);

  // A text is changed; the player shows it at once, and undo takes it back.
  await scenes(page).first().click();
  await page.getByRole("button", { name: /^Text: Today is all about, from/ }).click();
  const text = page.getByRole("textbox", { name: "Text en" });
  const film = page.getByRole("region", { name: "How it looks" });
  await text.fill("Nobody else than {{first_name|you}}");
  await film.getByText("Nobody else than Iris", { exact: true }).first().waitFor();
  await undone(page);
  await film.getByText("Today is all about", { exact: true }).first().waitFor();
  await page.keyboard.press("Control+Shift+z");
  await page.getByRole("button", { name: /^Text: Nobody else than first_name, from/ }).focus();
  await page.keyboard.press("Shift+ArrowLeft");
  const box = film.getByRole("button", { name: /^Text: Nobody else/ });
  await box.press("ArrowDown");
  await page.getByText("JSON", { exact: true }).click();
  await page.getByText('"Nobody else than {{first_name|you}}"').waitFor();
  await page.getByText("Scene", { exact: true }).click();

  // A scene is added, made longer and moved by keyboard.
  const before = await scenes(page).count();
  await page.getByRole("button", { name: "Add a scene" }).click();
  await page.getByRole("menuitem", { name: /A greeting/ }).click();
  await eventually(() => scenes(page).count()).toBe(before + 1);
  const added = scenes(page).nth(1);
  await added.press("Shift+ArrowRight");
  await eventually(() => added.textContent()).toMatch(/^hello-2 3.1 s, scene 2 of /);
  await added.press("Alt+ArrowRight");
  await eventually(() => scenes(page).nth(2).textContent()).toMatch(/hello-2/);
  await eventually(() => page.evaluate("document.activeElement.dataset.scene")).toBe("hello-2");

  // A picture is dropped where the scene's background is chosen.
  const drop = await page.evaluateHandle(`(() => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(${JSON.stringify([...PNG])})], "Red Square.PNG", { type: "image/png" }));
    return data;
  })()`);
  await page.getByRole("combobox", { name: "Picture or video" }).dispatchEvent("drop", { dataTransfer: drop });
  await eventually(() => page.getByRole("combobox", { name: "Picture or video" }).inputValue()).toBe("Red-Square.png");
  const asset = async () => (await inlet.api.assets("acme", "spring")).find(({ name }) => name === "Red-Square.png");
  await eventually(async () => (await asset())?.state).toBe("ready");
  await eventually(async () => (await draft()).publishable).toBe(true);
  for (const tab of ["Page", "Files", "Rules"]) {
    await page.getByText(tab, { exact: true }).click();
    await assertSound(page);
  }

  // It is published, and is live.
  await page.getByText("Saved", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Publish" }).click();
  const dialog = page.getByRole("dialog", { name: "Publish the storyboard" });
  await dialog.getByRole("textbox", { name: "Note" }).fill("The first one");
  await assertSound(page);
  await dialog.getByRole("button", { name: "Publish, and make it live" }).click();
  await page.getByText("Version 1 live").waitFor();
  expect((await standing()).live).toMatchObject({ version: 1, note: "The first one" });
  await admin.leave();
});

test("two who edit at once choose whose stays, and who may not configure only looks", async () => {
  const admin = await inlet.admin();
  const { page } = admin;
  admin.expectRefusal(/^PUT 409 .*\/storyboard\/draft$/);
  await page.goto(`${path}?tab=brand`);
  const title = page.getByRole("textbox", { name: "Title" });
  await title.waitFor();
  const { document, revision } = await draft();
  await inlet.api.saveStoryboardDraft("acme", "spring", {
    document: { ...(document as object), title: "Theirs" },
    revision,
  });
  await title.fill("Mine");
  await page
    .getByRole("dialog", { name: "Somebody else saved this storyboard" })
    .getByText(/Theirs/)
    .waitFor();
  await page.getByRole("button", { name: "Keep mine instead" }).click();
  await eventually(async () => ((await draft()).document as { title: string }).title).toBe("Mine");

  // What was typed last is saved by leaving.
  await title.fill("Mine, to the end");
  await page.getByRole("link", { name: "Spring" }).click();
  await page.getByRole("navigation", { name: "Pages of this project" }).waitFor();
  expect(((await draft()).document as { title: string }).title).toBe("Mine, to the end");
  await admin.leave();

  const viewer = await inlet.user("viewer");
  await viewer.page.goto(path);
  await viewer.page.getByText("Only to look at").waitFor();
  expect(await viewer.page.getByRole("button", { name: "Publish" }).count()).toBe(0);
  expect(await viewer.page.getByRole("textbox", { name: "Name" }).isDisabled()).toBe(true);
  await assertSound(viewer.page);
  await viewer.leave();
});
