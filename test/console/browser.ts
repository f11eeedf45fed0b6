import { requireDebianTool } from "@inlet/stack";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { expect } from "vitest";

/** How long something may take that a person waits for; the machine of a test is busy with others. */
export const PATIENCE_MS = 30_000;

/** Chromium as people have it, without a window. */
export async function openBrowser(): Promise<Browser> {
  const { command, env } = await requireDebianTool("chromium");
  return await chromium.launch({
    executablePath: command,
    // No user namespaces in many containers; the pages are ours alone.
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
    env: env as Record<string, string>,
  });
}

export interface VisitorOptions extends BrowserContextOptions {
  /** `method status path` of refusals that belong to the flow, such as a wrong password. */
  refusals?: RegExp[];
}

/** A person at a browser of their own. What no page may do is watched all the time: see {@link Visitor.leave}. */
export class Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly origin: string;
  readonly #faults: string[] = [];
  readonly #refusals: RegExp[];

  private constructor(context: BrowserContext, page: Page, origin: string, refusals: RegExp[]) {
    this.context = context;
    this.page = page;
    this.origin = origin;
    // That nobody is signed in is asked, and answered so.
    this.#refusals = [/^GET 401 \/v1\/session$/, ...refusals];
  }

  static async enter(browser: Browser, origin: string, { refusals = [], ...options }: VisitorOptions = {}) {
    const context = await browser.newContext({
      baseURL: origin,
      viewport: { width: 1360, height: 860 },
      locale: "en-GB",
      timezoneId: "Europe/Zurich",
      reducedMotion: "reduce",
      ...options,
    });
    context.setDefaultTimeout(PATIENCE_MS);
    const visitor = new Visitor(context, await context.newPage(), new URL(origin).origin, refusals);
    visitor.#watch();
    return visitor;
  }

  #watch(): void {
    const { context, page } = this;
    const fault = (text: string) => this.#faults.push(text);
    context.on("request", (request) => {
      const { protocol, origin } = new URL(request.url());
      if (protocol !== "data:" && protocol !== "blob:" && origin !== this.origin) fault(`asked for ${request.url()}`);
    });
    context.on("response", (response) => {
      if (response.status() < 400) return;
      const line = `${response.request().method()} ${response.status()} ${new URL(response.url()).pathname}`;
      if (!this.#refusals.some((refusal) => refusal.test(line))) fault(line);
    });
    context.on("console", (message) => {
      // A refused answer is told of by its response, above. A broken policy is told of here.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) fault(message.text());
      if (message.type() === "warning") fault(message.text());
    });
    context.on("weberror", (error) => fault(error.error().message));
    page.on("dialog", (dialog) => {
      if (dialog.type() !== "beforeunload") fault(`a dialog opened: ${dialog.message()}`);
      void dialog.accept();
    });
  }

  /** Another refusal that belongs to the flow from here on. */
  expectRefusal(refusal: RegExp): void {
    this.#refusals.push(refusal);
  }

  /** Fails when a page said an error, asked another host, broke its policy, opened a dialog or was refused something. */
  assertNoFaults(): void {
    expect(this.#faults).toEqual([]);
  }

  /** The end of a flow. */
  async leave(): Promise<void> {
    await this.context.close();
    this.assertNoFaults();
  }
}

/** Asks again and again until what it says is right. */
export const eventually = <T>(ask: () => Promise<T> | T) => expect.poll(ask, { timeout: PATIENCE_MS, interval: 50 });

/** A file as a person picks it. */
export const picked = (name: string, content: string | Buffer) => ({
  name,
  mimeType: "text/plain",
  buffer: Buffer.from(content),
});
