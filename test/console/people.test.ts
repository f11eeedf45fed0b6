import { openClient as openApi } from "@inlet/client";
import SftpClient from "ssh2-sftp-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openReceiver } from "../../services/notifier/src/testing/receiver.ts";
import { eventually, picked } from "./browser.ts";
import { ADMIN, ConsoleHub, demoFile } from "./console-hub.ts";

/** Who may come in, and setting up what they come for. */

let inlet: ConsoleHub;
beforeAll(async () => {
  const services = ["sftp-gateway", "watcher", "validator", "importer", "courier", "notifier", "api"] as const;
  inlet = await ConsoleHub.open({ services: [...services], env: { REMOTE_ALLOW: "127.0.0.1" } });
  await inlet.retailer();
});
afterAll(() => inlet?.stop());

test("whoever holds the admin key makes the first admin, and nobody makes a second one so", async () => {
  const visitor = await inlet.stranger();
  const { page } = visitor;
  await page.goto("/activity");
  await page.getByRole("heading", { name: "Welcome to Inlet" }).waitFor();
  await page.getByRole("textbox", { name: "Admin key" }).fill(inlet.adminKey);
  await page.getByRole("textbox", { name: "Your name" }).fill(ADMIN.name);
  await page.getByRole("textbox", { name: "Your e-mail" }).fill(ADMIN.login);
  await page.getByRole("textbox", { name: "Password" }).fill(ADMIN.password);
  await page.getByRole("button", { name: "Make the first admin" }).click();
  await page.getByRole("heading", { name: "Activity" }).waitFor();
  await page.getByText("No file has come yet").waitFor();
  await visitor.leave();
  const next = await inlet.stranger();
  await next.page.goto("/activity");
  await next.page.getByRole("heading", { name: "Sign in" }).waitFor();
  await next.leave();
});

test("an invited person chooses a password, sees one client alone, and a wrong password says no more than an unknown name", async () => {
  await inlet.retailer({ client: "harbour", project: "stock" });
  const admin = await inlet.admin();
  await admin.page.goto("/users");
  await admin.page.getByRole("button", { name: "Add a user" }).click();
  const dialog = admin.page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill("Data of spring");
  await dialog.getByRole("textbox", { name: "E-mail" }).fill("data@spring.example");
  await dialog.getByRole("combobox", { name: "Client" }).click();
  await admin.page.getByRole("option", { name: "spring", exact: true }).click();
  await dialog.getByRole("button", { name: "Add and invite" }).click();
  const shown = admin.page.getByRole("status").filter({ hasText: "Send this link to Data of spring" });
  const link = (await shown.locator("code").textContent()) ?? "";
  await admin.page.reload();
  await admin.page.getByRole("table", { name: "Users" }).getByText("Invited").waitFor();
  expect(await admin.page.getByText("/invitation").count()).toBe(0);
  await admin.leave();

  const guest = await inlet.stranger({ refusals: [/^POST 401 \/v1\/session$/] });
  const { page } = guest;
  await page.goto(link.trim());
  await page.getByText("data@spring.example").waitFor();
  await page.getByRole("textbox", { name: "Password" }).fill("four lilac sailing boats");
  await page.getByRole("button", { name: "Set the password and sign in" }).click();
  await page.getByRole("heading", { name: "Activity" }).waitFor();
  const navigation = page.getByRole("navigation", { name: "Main" });
  expect(await navigation.getByRole("link", { name: /Users|API keys|Operations|Audit/ }).count()).toBe(0);
  await navigation.getByRole("link", { name: "Projects" }).click();
  await page.getByRole("table").getByText("spring/iris").first().waitFor();
  expect(await page.getByText("harbour").count()).toBe(0);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();

  const answerTo = async (login: string) => {
    await page.getByRole("textbox", { name: "E-mail" }).fill(login);
    await page.getByRole("textbox", { name: "Password" }).fill("not the password at all");
    const answer = page.waitForResponse((response) => response.request().method() === "POST");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await answer;
    await page.getByRole("alert").waitFor();
    return (await page.getByRole("alert").textContent())?.replace(/Request .*/, "");
  };
  expect(await answerTo("data@spring.example")).toBe(await answerTo("nobody@spring.example"));
  await guest.leave();
});

test("an operator sets up a client from sample files, hands over a login that works, and lets the project go live", async () => {
  const operator = await inlet.user("operator");
  const { page } = operator;
  await page.goto("/projects");
  await page.getByRole("link", { name: /Set up/ }).click();
  await page.getByRole("textbox", { name: "Client", exact: true }).fill("Iris North");
  await page.getByRole("textbox", { name: "Project", exact: true }).fill("Retail");
  await page.getByRole("textbox", { name: "Title" }).fill("Iris retail north");
  await page
    .locator("input[type=file]")
    .setInputFiles([
      picked("store-2026-11-20.tsv", await demoFile("store.tsv")),
      picked("daily_sales-2026-11-20.tsv", await demoFile("daily_sales.tsv")),
    ]);
  await page.getByRole("button", { name: "Remove the table store" }).waitFor();
  await page.getByRole("button", { name: "Remove the table daily_sales" }).waitFor();
  await page.getByRole("combobox", { name: "Trigger", exact: true }).click();
  await page.getByRole("option", { name: "Daily" }).click();
  await page.getByLabel(/^At/).fill("09:00");
  await page.getByRole("combobox", { name: "E-mail addresses" }).fill("data@iris.example");
  await page.keyboard.press("Enter");
  await page.getByRole("combobox", { name: "Addresses that may log in" }).fill("127.0.0.0/8");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Set it up" }).click();
  await page.getByText("The password is shown only now").waitFor();
  const told = async (name: string) => (await page.locator(`dt:text-is("${name}") + dd`).textContent())!.trim();
  const login = {
    host: await told("Server"),
    port: Number(await told("Port")),
    username: await told("Login"),
    password: await told("Password"),
  };
  expect(await told("May log in from")).toBe("127.0.0.0/8");
  expect(await told("store")).toBe("store-YYYY-MM-DD.tsv");
  expect(await told("Trigger")).toBe("daily 09:00, Europe/Zurich");
  await page.reload();
  await page.getByRole("heading", { name: "Set up a project" }).waitFor();
  expect(await page.content()).not.toContain(login.password);

  const sftp = new SftpClient();
  await sftp.connect(login);
  for (const table of ["store", "daily_sales"]) {
    await sftp.put(await demoFile(`${table}.tsv`), `/retail/Uploads/${table}-2026-11-21.tsv`);
  }
  await sftp.end();
  await page.goto("/projects");
  await page.getByRole("link", { name: "Iris retail north" }).click();
  const rehearsal = page.getByRole("region", { name: "Rehearsal" });
  await rehearsal.getByText("8 rows taken, and given up again").waitFor();
  await rehearsal.getByText("21 rows taken, and given up again").waitFor();
  await rehearsal.getByRole("button", { name: "Go live" }).click();
  const ask = page.getByRole("dialog", { name: "Go live?" });
  await ask.getByRole("textbox", { name: "Reason" }).fill("both files were right");
  await ask.getByRole("button", { name: "Go live" }).click();
  await page.getByRole("region", { name: "Live" }).waitFor();
  expect(await inlet.api.projects()).toContainEqual(expect.objectContaining({ client: "iris_north", state: "live" }));
  await operator.leave();
});

test("a profile is changed in its form, compared with the one before, and saved as the next version", async () => {
  const operator = await inlet.user("operator");
  const { page } = operator;
  await page.goto("/projects/spring/iris/profile");
  await page.getByRole("textbox", { name: "Title" }).fill("Iris by day");
  await page.getByRole("button", { name: "Review the changes" }).click();
  const changes = page.getByRole("region", { name: "What changes" });
  await changes.getByText("title: Iris retail").waitFor();
  await changes.getByText("title: Iris by day").waitFor();
  await page.getByRole("button", { name: "Save as the next version" }).click();
  await page.getByText("Profile version 2").waitFor();
  await page.getByRole("heading", { level: 1, name: "Iris by day" }).waitFor();
  await page.getByText("History", { exact: true }).click();
  await page.getByRole("row", { name: /^2 Live operator/ }).waitFor();
  await operator.leave();
});

test("an API key is shown once, works, is rotated and is revoked", async () => {
  const admin = await inlet.admin();
  const { page } = admin;
  const withKey = (key: string) => openApi({ url: inlet.url, key });
  const menu = page.getByRole("button", { name: "What can be done with the key erp" });
  await page.goto("/api-keys");
  await page.getByRole("button", { name: "Create a key" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill("erp");
  await dialog.getByRole("combobox", { name: "Role" }).click();
  await page.getByRole("option", { name: "Operator" }).click();
  await dialog.getByRole("button", { name: "Create" }).click();
  const secret = page.getByRole("status").filter({ hasText: "The key “erp”" }).locator("code");
  const first = (await secret.textContent())!.trim();
  expect((await withKey(first).projects()).length).toBeGreaterThan(0);
  await menu.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("menuitem", { name: "Revoke" }).press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await eventually(() => page.evaluate("document.activeElement.getAttribute('aria-label')")).toMatch(/the key erp$/);
  await menu.click();
  await page.getByRole("menuitem", { name: "Rotate" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Rotate" }).click();
  await eventually(async () => (await secret.textContent())?.trim()).not.toBe(first);
  const second = (await secret.textContent())!.trim();
  expect((await withKey(second).projects()).length).toBeGreaterThan(0);
  await menu.click();
  await page.getByRole("menuitem", { name: "Revoke" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await eventually(() => menu.count()).toBe(0);
  await expect(withKey(second).projects()).rejects.toMatchObject({ status: 401 });
  await page.reload();
  await page.getByRole("table", { name: "API keys" }).waitFor();
  expect(await page.content()).not.toContain(second);
  await admin.leave();
});

test("a webhook is added, tested, and shows what its receiver answered", async () => {
  const receiver = await openReceiver();
  const admin = await inlet.admin();
  const { page } = admin;
  await page.goto("/webhooks?client=spring");
  await page.getByRole("button", { name: "Add a webhook" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Address" }).fill(receiver.url);
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByText("The signing secret").waitFor();
  await page.getByRole("link", { name: receiver.url }).click();
  await page.getByRole("button", { name: "Send a test" }).click();
  const deliveries = page.getByRole("table", { name: "What the webhook was told, the newest first" });
  await deliveries.getByRole("row", { name: /Delivered ping 204/ }).waitFor();
  await receiver.close();
  await admin.leave();
});

test("a project gets an OpenPGP key and another login from its pages", async () => {
  const admin = await inlet.admin();
  const { page } = admin;
  await page.goto("/projects/spring/iris/keys");
  await page.getByRole("button", { name: "Make ours" }).click();
  await page.getByRole("table", { name: "OpenPGP keys" }).getByText("Active").waitFor();
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Public key" }).click();
  expect((await download).suggestedFilename()).toMatch(/^spring-iris-ours-[0-9A-F]{16}\.asc$/);
  await page.getByRole("navigation", { name: "Pages of this project" }).getByRole("link", { name: "Logins" }).click();
  await page.getByRole("button", { name: "Add a login" }).click();
  await page.getByRole("dialog").getByRole("textbox", { name: "Login" }).fill("iris.second");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.getByText("The password of iris.second").waitFor();
  await admin.leave();
});
