import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { StoryboardInput } from "@inlet/contracts";
import { playerFiles } from "@inlet/player/files";
import type { PageFilm } from "@inlet/player/page";
import { buildPlayer } from "@inlet/stack";
import { layerStateAt } from "@inlet/storyboard";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { axeViolations, overflowPx, settled } from "../console/axe.ts";
import { eventually, openBrowser, Visitor, type VisitorOptions } from "../console/browser.ts";
import { FilmServer } from "./film-page.ts";
import { ASSETS, LONG_SAMPLE, pageFilm, SAMPLE } from "./sample-film.ts";

/** The player in a real browser, on a page with the policy of landing pages. */

let browser: Browser;
let server: FilmServer;
beforeAll(async () => {
  await buildPlayer();
  [browser, server] = await Promise.all([openBrowser(), FilmServer.open(ASSETS)]);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

const INLET = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };
/** Script and style. A page with them is to stay below 60 KB. */
const BUDGET_BYTES = 18_000;

interface Opened {
  visitor: Visitor;
  page: Page;
  /** Evaluates an expression on the page's `player`. */
  ask: <T>(expression: string) => Promise<T>;
  /** Shows a moment whole. */
  seek: (atMs: number) => Promise<void>;
  /** What the server was told. */
  told: () => string[];
  views: () => Set<string>;
}

let pages = 0;
async function open(film: PageFilm = pageFilm(), options: VisitorOptions = {}): Promise<Opened> {
  const path = `/page-${++pages}`;
  const events = { url: `/e${path}` };
  server.put(path, { ...film, events });
  const visitor = await Visitor.enter(browser, server.origin, {
    viewport: { width: 640, height: 520 },
    reducedMotion: "no-preference",
    ...options,
  });
  const { page } = visitor;
  // Sounds stand in no page: they are kept here, to be looked at.
  await page.addInitScript(`globalThis.sounds = [];
    const make = document.createElement.bind(document);
    document.createElement = (tag, ...rest) => {
      const element = make(tag, ...rest);
      if (tag === "audio") sounds.push(element);
      return element;
    };`);
  await page.goto(path);
  const ask = <T>(expression: string): Promise<T> =>
    page.evaluate(
      `import(document.getElementById("player-script").src).then(({ player, openPlayer }) => ${expression})`,
    );
  const seek = (atMs: number) => ask<void>(`(player.seek(${atMs}), player.settled())`);
  const sent = () => server.events.get(events.url) ?? [];
  const told = () => sent().map(({ kind, detail }) => (detail ? `${kind} ${detail}` : kind));
  return { visitor, page, ask, seek, told, views: () => new Set(sent().map(({ view }) => view)) };
}

const bigPlay = (page: Page) => page.locator(".start");
const bar = (page: Page, name: string) => page.locator(".controls").getByRole("button", { name, exact: true });
/** What of the scenes can be seen, in the order of their layers. */
const seenWords = (page: Page) =>
  page.evaluate(`[...document.querySelector("#inlet-player > div").shadowRoot.querySelectorAll(".stage .words")]
    .filter((each) => getComputedStyle(each).visibility === "visible").map((each) => each.textContent)`);

test("from the poster to the end, and once more: each thing is told once for each time", async () => {
  const { visitor, page, ask, told, views } = await open(pageFilm(LONG_SAMPLE));
  expect(await seenWords(page)).toEqual(["Happy birthday, Mira!", "We have something for you."]);
  expect(await bar(page, "Play").isVisible()).toBe(false);
  await bigPlay(page).click();
  await bar(page, "Pause").waitFor();
  await eventually(() => ask<number>("player.currentMs")).toBeGreaterThan(100);
  await eventually(told).toEqual(["play"]);
  await ask("player.seek(32_000)");
  await eventually(told).toEqual(["play", "quarter", "half"]);
  // A step back and on again is no second half.
  await ask("player.seek(1_500)");
  await ask("player.seek(62_200)");
  await bar(page, "Watch again").waitFor();
  await eventually(told).toEqual(["play", "quarter", "half", "three_quarters", "complete"]);
  expect(await ask("[player.currentMs, player.isPlaying]")).toEqual([62_500, false]);
  expect(await page.locator(".time").textContent()).toBe("1:03 / 1:03");
  // The last moment stays.
  expect(await seenWords(page)).toEqual(["See you soon"]);
  await bar(page, "Watch again").click();
  await eventually(told).toHaveLength(6);
  expect(await ask<number>("player.currentMs")).toBeLessThan(62_500);
  expect(views().size).toBe(1);
  await visitor.leave();
});

test("the poster's play button stands where it covers no words, as in the picture in the e-mail", async () => {
  const words = (x: number, y: number) => ({
    kind: "text",
    text: "{{first_name}}, look here: what a fine title",
    size: 72,
    box: { x, y, width: 700, height: 300 },
  });
  const storyboard = { ...SAMPLE, scenes: [{ name: "one", durationMs: 2_000, layers: [words(100, 210)] }] };
  const { visitor, page, ask } = await open(pageFilm({ ...storyboard, poster: { scene: "one" } } as StoryboardInput));
  /** Its middle, as shares of the player. */
  const middle = () =>
    page.evaluate(`(() => {
      const { style, clientWidth, clientHeight } = document.querySelector("#inlet-player > div").shadowRoot.querySelector(".start");
      return [parseFloat(style.getPropertyValue("--x")) / clientWidth, parseFloat(style.getPropertyValue("--y")) / clientHeight]
        .map((share) => share.toFixed(2));
    })()`);
  await ask("player.settled()");
  expect(await middle()).toEqual(["0.50", "0.78"]);
  const film = pageFilm({
    ...storyboard,
    scenes: [{ ...storyboard.scenes[0]!, layers: [words(100, 400)] }],
  } as never).film;
  await ask(`player.setFilm(${JSON.stringify(film)})`);
  expect(await middle()).toEqual(["0.50", "0.50"]);
  await visitor.leave();
});

test("a seek shows that very moment: layers, transitions, the video's frame", async () => {
  const film = pageFilm();
  const { visitor, page, ask, seek } = await open(film);
  const layers = () =>
    page.evaluate(`[...document.querySelector("#inlet-player > div").shadowRoot.querySelectorAll(".scene")].map((scene) => ({
      seen: scene.style.visibility, opacity: scene.style.opacity, transform: scene.style.transform, clip: scene.style.clipPath,
      layers: [...scene.querySelectorAll(".layer")].map(({ style }) => [Number(style.opacity), style.transform]),
    }))`) as Promise<{ seen: string; transform: string; clip: string; layers: [number, string][] }[]>;
  await seek(200);
  const expected = film.film.scenes[0]!.layers.map((layer) => {
    const { opacity, dx, dy, scale } = layerStateAt(layer, 200);
    return [opacity, dx === 0 && dy === 0 && scale === 1 ? "none" : `translate(${dx}px, ${dy}px) scale(${scale})`];
  });
  const shown = (await layers())[0]!.layers;
  expect(shown.map(([opacity]) => opacity)).toEqual(expected.map(([opacity]) => opacity));
  expect(numbers(shown.map(([, transform]) => transform).join())).toEqual(
    numbers(expected.map(([, transform]) => transform).join()),
  );
  await seek(1_600);
  expect((await layers()).map(({ seen, transform }) => `${seen} ${transform}`)).toEqual(
    ["visible translateX(-25%)", "visible translateX(75%)", expect.anything()].slice(0, (await layers()).length),
  );
  await seek(3_150);
  expect((await layers()).at(-1)!.clip).toContain("50%");
  const frame = () =>
    page.evaluate(`(() => {
      const video = document.querySelector("#inlet-player > div").shadowRoot.querySelector("video");
      const context = new OffscreenCanvas(1, 1).getContext("2d");
      context.drawImage(video, 0, 0, 1, 1);
      return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3).map((value) => value > 128);
    })()`);
  expect(await frame()).toEqual([true, false, false]);
  const longer = {
    ...film.film,
    durationMs: 6_000,
    scenes: film.film.scenes.with(2, { ...film.film.scenes[2]!, untilMs: 6_000 }),
  };
  // Begun anew, so that the video is sought before it is there; the last seek of many counts.
  await ask("player.close()");
  await ask(`(globalThis.another = openPlayer(document.getElementById("inlet-player"),
    ${JSON.stringify({ film: longer, words: film.words }).slice(0, -1)}, assetUrl: ({ sha256 }) => (${JSON.stringify(film.assets)})[sha256] }), undefined)`);
  for (const [moments, colour] of [
    [[5_950], [false, false, true]],
    [[4_050], [false, true, false]],
    [
      [5_950, 4_050, 5_000, 3_950],
      [true, false, false],
    ],
  ] as const) {
    await page.evaluate(`(${moments.map((atMs) => `another.seek(${atMs})`).join()}, another.settled())`);
    expect(await frame()).toEqual(colour);
  }
  await visitor.leave();
});

const numbers = (text: string) => (text.match(/-?\d+(\.\d+)?/g) ?? []).map((each) => Number(each).toFixed(2));

test("everything works by the keyboard", async () => {
  const { visitor, page, ask } = await open(pageFilm(LONG_SAMPLE));
  const slider = page.getByRole("slider", { name: "Position" });
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await bar(page, "Pause").waitFor();
  // The focus went on to the button that took the place of the other.
  await page.keyboard.press("Space");
  await eventually(() => ask("player.isPlaying")).toBe(false);
  for (const [key, atMs] of [
    ["End", 62_500],
    ["ArrowLeft", 57_500],
    ["PageUp", 62_500],
    ["Home", 0],
    ["ArrowRight", 5_000],
    ["5", 31_250],
  ] as const) {
    await page.keyboard.press(key);
    expect(await ask("player.currentMs")).toBe(atMs);
  }
  expect(await slider.getAttribute("aria-valuetext")).toBe("0:31 of 1:03, Your gift");
  await page.keyboard.press("m");
  await bar(page, "Sound on").waitFor();
  await page.keyboard.press("c");
  await page.locator(".captions").getByText("Paper rustles.").waitFor();
  await page.keyboard.press("f");
  await eventually(() => page.evaluate("document.fullscreenElement?.parentElement?.id")).toBe("inlet-player");
  await page.keyboard.press("f");
  await eventually(() => page.evaluate("document.fullscreenElement")).toBeNull();
  await page.keyboard.press("k");
  await eventually(() => ask("player.isPlaying")).toBe(true);
  await page.keyboard.press("k");
  // Past the controls to the film's own button; then out of the player.
  const focused = () =>
    page.evaluate(
      `document.activeElement.shadowRoot?.activeElement?.textContent ?? document.activeElement.textContent`,
    );
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  expect(await focused()).toContain("Choose now");
  await visitor.leave();
});

test("a button of the film opens a page of its own, is counted, and the film waits; it is there only while it is seen", async () => {
  const [hello, gift, end] = LONG_SAMPLE.scenes as unknown as [object, { layers: object[] }, object];
  const button = { ...gift.layers[1], url: `${server.origin}/page-1?for={{first_name}}` };
  const linked = { ...SAMPLE, scenes: [hello, { ...gift, layers: [gift.layers[0], button] }, end] } as StoryboardInput;
  const { visitor, page, ask, seek, told } = await open(pageFilm(linked));
  const link = page.locator(".stage").getByRole("link", { name: "Choose now (opens in a new tab)" });
  expect(await link.count()).toBe(0);
  await seek(32_000);
  await ask("player.play()");
  const opening = page.waitForEvent("popup");
  await link.click();
  const opened = await opening;
  expect([new URL(opened.url()).search, await opened.evaluate("opener")]).toEqual(["?for=Mira", null]);
  await opened.close();
  expect(await ask("player.isPlaying")).toBe(false);
  await eventually(told).toEqual(["play", "quarter", "half", "click book"]);
  await seek(62_000);
  expect(await link.count()).toBe(0);
  await page.evaluate(
    `document.querySelector("[data-inlet-click]").addEventListener("click", (event) => event.preventDefault())`,
  );
  await page.getByRole("link", { name: "Go" }).click();
  await eventually(told).toContain("click page");
  await visitor.leave();
});

test("sound is in step with the film, is turned off and down, and fades at its end", async () => {
  const { visitor, page, ask } = await open(pageFilm(LONG_SAMPLE));
  const sounds = () =>
    page.evaluate(
      "sounds.filter((each) => !each.paused).map((each) => ({ at: each.currentTime * 1000, volume: each.volume }))",
    ) as Promise<{ at: number; volume: number }[]>;
  expect(await page.evaluate("sounds.length")).toBe(0);
  await bigPlay(page).click();
  await eventually(async () => (await sounds()).length).toBeGreaterThan(0);
  expect((await sounds())[0]).toMatchObject({ volume: 0.6 });
  // The music begins again after two seconds, and the second scene has a voice of its own.
  await ask("player.seek(2_300)");
  const inStep = `(([music, voice], atMs) => voice !== undefined
    && Math.abs(music.currentTime * 1000 - (atMs % 2_000)) < 250
    && Math.abs(voice.currentTime * 1000 - (atMs - 1_500)) < 250)(sounds.filter((each) => !each.paused), player.currentMs)`;
  await eventually(() => ask(inStep)).toBe(true);
  await bar(page, "Sound off").click();
  expect(await sounds()).toEqual([]);
  await bar(page, "Sound on").click();
  // The line itself is what people aim at.
  const line = (await page.locator(".track").boundingBox())!;
  await page.mouse.click(line.x + line.width / 2, line.y + line.height - 0.5);
  expect(await ask<number>("player.currentMs")).toBeGreaterThan(31_000);
  const volume = page.getByRole("slider", { name: "Volume" });
  await volume.fill("50");
  await bar(page, "Pause").click();
  await eventually(async () => (await sounds()).length).toBe(0);
  await ask("player.seek(62_250)");
  expect(await page.evaluate("sounds[0].volume")).toBeCloseTo(0.6 * 0.5 * 0.5, 5);
  await visitor.leave();
});

test("a film that begins by itself is silent, and counts only when a person takes part", async () => {
  const { visitor, page, ask, told } = await open(pageFilm(LONG_SAMPLE, undefined, { autoplay: true }));
  await eventually(() => ask<number>("player.currentMs")).toBeGreaterThan(300);
  await ask("player.seek(32_000)");
  await eventually(() => ask<number>("player.currentMs")).toBeGreaterThan(32_100);
  expect(await page.evaluate("sounds.length")).toBe(0);
  expect(told()).toEqual([]);
  await page.locator(".player").hover();
  await bar(page, "Sound on").click();
  await eventually(told).toEqual(["play", "quarter", "half"]);
  await eventually(() => page.evaluate("sounds.some((each) => !each.paused)")).toBe(true);
  // Nobody watches a page that is hidden.
  await page.evaluate(`Object.defineProperty(document, "hidden", { value: true });
    document.dispatchEvent(new Event("visibilitychange"))`);
  expect(await ask("player.isPlaying")).toBe(false);
  await visitor.leave();
});

test("what has not come yet is waited for; what never comes is not", async () => {
  const { visitor, page, ask } = await open(pageFilm(SAMPLE, undefined, { assets: {} }));
  visitor.expectRefusal(/^GET 404 \/a\//);
  // No asset has an address here: the film plays without them.
  await ask("(player.play(), player.seek(1_600))");
  await eventually(() => ask<number>("player.currentMs")).toBeGreaterThan(1_700);
  await visitor.leave();

  server.held.add("/a/photo?slow");
  const slow = pageFilm();
  const assets = Object.entries(slow.assets).map(([sha256, address]) => [sha256, `${address}?slow`]);
  const waiting = await open({ ...slow, assets: Object.fromEntries(assets) });
  await waiting.ask("(player.play(), player.seek(1_950))");
  await waiting.page.getByRole("status", { name: "Loading" }).waitFor();
  const stoodAt = await waiting.ask("player.currentMs");
  server.held.clear();
  await eventually(() => waiting.ask<number>("player.currentMs")).toBeGreaterThan(stoodAt as number);
  expect(await waiting.page.getByRole("status", { name: "Loading" }).count()).toBe(0);
  expect(page.isClosed()).toBe(true);
  await waiting.visitor.leave();
});

test("with reduced motion nothing slides, zooms, pops or begins by itself", async () => {
  const { visitor, page, ask, seek } = await open(pageFilm(SAMPLE, undefined, { autoplay: true }), {
    reducedMotion: "reduce",
  });
  expect(await ask("player.isPlaying")).toBe(false);
  for (const atMs of [200, 1_600, 2_800, 3_100]) {
    await seek(atMs);
    const moved =
      await page.evaluate(`[...document.querySelector("#inlet-player > div").shadowRoot.querySelectorAll(".scene, .layer, .picture")]
      .filter(({ style }) => /translate|scale/.test(style.transform) || /%/.test(style.clipPath)).length`);
    expect(moved).toBe(0);
  }
  await visitor.leave();
});

test("right to left: words, captions and labels turn round, the film's time does not", async () => {
  const arabic = {
    ...SAMPLE,
    language: { default: "ar" },
    scenes: [
      {
        ...SAMPLE.scenes[0],
        caption: "صوت ودود",
        layers: [
          {
            kind: "text",
            text: "عيد ميلاد سعيد، {{first_name}}!",
            size: 80,
            box: { x: 90, y: 170, width: 900, height: 300 },
          },
        ],
      },
    ],
  } as StoryboardInput;
  const { visitor, page, seek } = await open(pageFilm(arabic, { first_name: "ليلى" }, { captions: true }));
  await page.getByRole("button", { name: "تشغيل" }).waitFor();
  await seek(1_000);
  expect(
    await page.evaluate(`(() => {
    const root = document.querySelector("#inlet-player > div").shadowRoot;
    const style = (selector) => getComputedStyle(root.querySelector(selector));
    return [style(".words").direction, style(".words").textAlign, style(".captions").direction, style(".player").direction, style(".seek").direction];
  })()`),
  ).toEqual(["rtl", "right", "rtl", "rtl", "ltr"]);
  // The shipped Arabic font is what draws it.
  await eventually(() => page.evaluate(`document.fonts.check('16px "Noto Sans Arabic"', "ليلى")`)).toBe(true);
  await visitor.leave();
});

test("a font's letters are fetched when they are shown, symbols like all others; the player draws what pictures draw", async () => {
  const text = (value: string, font: string) => ({
    kind: "text",
    text: value,
    font,
    box: { x: 100, y: 100, width: 900, height: 200 },
  });
  const storyboard = {
    ...SAMPLE,
    scenes: [
      { name: "words", durationMs: 1_000, layers: [text("Done – “soon”… {{first_name}}", "sans")] },
      { name: "ticks", durationMs: 1_000, layers: [text("✓ → ★", "serif")] },
    ],
    poster: { scene: "words" },
  } as StoryboardInput;
  const { visitor, page, seek } = await open(pageFilm(storyboard));
  const loaded = () =>
    page.evaluate(`[...document.fonts].filter((font) => font.status === "loaded")
      .map((font) => font.family + (font.unicodeRange.includes("U+2218-2B58") ? " symbols" : "")).sort()`);
  await seek(500);
  await eventually(loaded).toEqual(["Inter"]);
  await seek(1_500);
  // What Lora has of them, and Inter the others.
  await eventually(loaded).toEqual(["Inter", "Inter symbols", "Lora", "Lora symbols"]);
  await visitor.leave();
});

test("hostile values are words, and run nothing", async () => {
  const evil = `</script><img src=x onerror="document.title='run'">"'\`\${1}{{first_name}}`;
  const film = pageFilm({ ...SAMPLE, title: "x", language: { default: "en" } }, { first_name: evil });
  const scenes = structuredClone(film.film.scenes) as unknown as Record<string, never>[];
  const [hello, gift] = scenes as unknown as {
    background: { colour: string };
    layers: { url?: string; colour?: string; fill?: string }[];
  }[];
  hello!.background.colour = "red;background:url(//evil.example)";
  hello!.layers[0]!.fill = "url(https://evil.example/x.png)";
  gift!.layers[1]!.url = "javascript:document.title='run'";
  const hostile = { ...film, film: { ...film.film, scenes: scenes as never, surround: "url(//evil.example)" } };
  const { visitor, page, seek } = await open({
    ...hostile,
    assets: { ...film.assets, [Object.keys(film.assets)[0]!]: "javascript:alert(1)" },
  });
  await seek(1_400);
  expect(await page.locator(".stage .words").first().textContent()).toContain("<img src=x onerror=");
  await seek(2_500);
  const button = page.locator(".stage a");
  expect(await button.getAttribute("href")).toBeNull();
  await button.click();
  expect(await page.title()).toBe("For you");
  // Nor was anything asked of another host, or the policy broken.
  await visitor.leave();
});

test("words are set smaller until they fit, whole words first, and never out of their box", async () => {
  const box = { x: 100, y: 100, width: 400, height: 120 };
  const text = (value: string) => ({ kind: "text", text: value, size: 60, box, enter: { kind: "none" } });
  const values = [
    "Jo",
    "Maximiliane-Theodora",
    "Wolfeschlegelsteinhausenbergerdorff",
    "Many words in a row that need two lines or three",
    "word ".repeat(60),
  ];
  const storyboard = {
    ...SAMPLE,
    scenes: [{ name: "one", durationMs: 1_000, layers: values.map(text) }],
  } as StoryboardInput;
  const { visitor, page, seek } = await open(pageFilm(storyboard));
  await seek(500);
  const set =
    (await page.evaluate(`[...document.querySelector("#inlet-player > div").shadowRoot.querySelectorAll(".words")].map((each) =>
    ({ size: parseFloat(each.style.fontSize), width: each.scrollWidth, height: each.offsetHeight, lines: Math.round(each.offsetHeight / parseFloat(each.style.lineHeight)), cut: each.classList.contains("cut") }))`)) as {
      size: number;
      width: number;
      height: number;
      lines: number;
      cut: boolean;
    }[];
  expect(set.map(({ size }) => size)).toEqual([60, expect.any(Number), 30, expect.any(Number), 30]);
  expect(set[1]!.size).toBeLessThan(60);
  expect(set.map(({ lines, cut }) => [lines, cut])).toEqual([
    [1, false],
    [expect.any(Number), false],
    [2, false],
    [2, false],
    [3, true],
  ]);
  for (const { width, height } of set) expect([width <= 400, height <= 120]).toEqual([true, true]);
  await visitor.leave();
});

test("another film takes its place where it stands, and what is loaded stays", async () => {
  const { visitor, page, ask, seek } = await open();
  await seek(2_000);
  const other = pageFilm({ ...SAMPLE, scenes: SAMPLE.scenes.toSpliced(2, 1) } as StoryboardInput, {
    first_name: "Noa",
  });
  await page.evaluate(
    `globalThis.kept = document.querySelector("#inlet-player > div").shadowRoot.querySelector(".background img")`,
  );
  await ask(`(player.setFilm(${JSON.stringify(other.film)}), player.settled())`);
  expect(await ask("player.currentMs")).toBe(2_000);
  expect(
    await page.evaluate(
      `document.querySelector("#inlet-player > div").shadowRoot.querySelector(".background img") === kept`,
    ),
  ).toBe(true);
  // One that is shorter ends where it ends.
  await seek(2_900);
  await ask(`player.setFilm(${JSON.stringify({ ...other.film, durationMs: 2_500 })})`);
  expect(await ask("player.currentMs")).toBe(2_500);
  await ask("player.close()");
  expect(await page.locator("#inlet-player").innerHTML()).toBe("");
  await visitor.leave();
});

test("on a phone: a tap plays, the controls go, a tap brings them back; nothing is too small to press", async () => {
  const { visitor, page, ask } = await open(pageFilm(LONG_SAMPLE), { ...PHONE, colorScheme: "dark" });
  expect(await overflowPx(page)).toBe(0);
  await page.locator("#inlet-player").tap({ position: { x: 60, y: 40 } });
  await bar(page, "Pause").waitFor();
  const sizes =
    await page.evaluate(`[...document.querySelector("#inlet-player > div").shadowRoot.querySelectorAll(".controls button, .seek")]
    .map((each) => each.getBoundingClientRect()).every(({ width, height }) => width >= 44 && height >= 44)`);
  expect(sizes).toBe(true);
  await page.locator(".player.quiet").waitFor();
  await page.locator("#inlet-player").tap({ position: { x: 60, y: 40 } });
  expect([await ask("player.isPlaying"), await page.locator(".player.quiet").count()]).toEqual([true, 0]);
  await page.locator("#inlet-player").tap({ position: { x: 60, y: 40 } });
  expect(await ask("player.isPlaying")).toBe(false);
  expect(await axeViolations(page)).toEqual([]);
  await visitor.leave();
});

test("those who do not see the film have its words and its controls", async () => {
  const { visitor, page, seek } = await open(pageFilm(SAMPLE, undefined, { captions: true }));
  const text = page.getByRole("region", { name: "The video as text" });
  expect(await text.locator("p").allTextContents()).toEqual([
    "Hello. Happy birthday, Mira! We have something for you. A friendly voice says hello.",
    "Your gift. 20 % off everything you love. Choose now. Paper rustles.",
    "See you soon",
  ]);
  await settled(page);
  expect(await axeViolations(page)).toEqual([]);
  await seek(2_500);
  await settled(page);
  expect(await axeViolations(page)).toEqual([]);
  await visitor.leave();
});

test("a preview on one's own machine steps through samples and rows, says what is wrong, and follows the file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "inlet-preview-"));
  const file = join(folder, "storyboard.json");
  const layer = { kind: "text", text: "Hello {{first_name|you}}", box: { x: 100, y: 100, width: 900, height: 300 } };
  const picture = { kind: "image", asset: "photo.png", box: { x: 0, y: 0, width: 200, height: 200 } };
  const storyboard = {
    title: "A greeting",
    requirements: [{ condition: { all: [{ field: "first_name", is: "filled" }] }, message: "The name is missing." }],
    scenes: [{ name: "hello", durationMs: 2_000, layers: [layer, picture] }],
    samples: [
      { name: "Mira", values: { first_name: "Mira" } },
      { name: "Nobody", values: {} },
    ],
  };
  await writeFile(file, JSON.stringify(storyboard));
  const program = spawn(process.execPath, [INLET, "storyboard", "preview", file, "--sample", "Nobody", "--json"]);
  try {
    const [line] = (await once(program.stdout, "data")) as [Buffer];
    const { url, problems } = JSON.parse(line.toString());
    expect(problems.map(({ message }: { message: string }) => message)).toEqual([
      "There is no asset photo.png; upload it.",
    ]);
    const visitor = await Visitor.enter(browser, url, { viewport: { width: 1280, height: 800 } });
    const { page } = visitor;
    const says = page.locator("#player .words");
    await page.goto(url);
    await eventually(() => says.allTextContents()).toEqual(["Hello you"]);
    await page.getByText("This row would get no link. The name is missing.").waitFor();
    await page.getByRole("listitem").getByText("There is no asset photo.png").waitFor();
    await page.getByRole("button", { name: "Row before" }).click();
    await eventually(() => says.allTextContents()).toEqual(["Hello Mira"]);
    expect(await page.getByText("This row would get no link.").isVisible()).toBe(false);
    expect(await axeViolations(page)).toEqual([]);

    // What is saved is shown, and the file that was missing is found; what is no storyboard leaves what there was.
    await mkdir(join(folder, "assets"));
    await writeFile(join(folder, "assets/photo.png"), ASSETS["/a/photo"].bytes);
    await page.getByText("None found.").waitFor();
    const better = { ...layer, text: "Good morning, {{first_name}}" };
    await writeFile(file, JSON.stringify({ ...storyboard, scenes: [{ ...storyboard.scenes[0], layers: [better] }] }));
    await eventually(() => says.allTextContents()).toEqual(["Good morning, Mira"]);
    await writeFile(file, '{ "title": "A greeting", ');
    await page.getByRole("listitem").getByText("Mistake").waitFor();
    expect(await says.allTextContents()).toEqual(["Good morning, Mira"]);
    await visitor.leave();

    // Others who work on this machine do not see whose rows these are.
    expect((await fetch(new URL("/film?row=0", url))).status).toBe(404);
    // Another site may give its own name this machine's address.
    const foreign = get(url, { headers: { host: "preview.example" }, agent: false });
    const [answer] = (await once(foreign, "response")) as [IncomingMessage];
    expect(answer.resume().statusCode).toBe(421);
    program.kill("SIGINT");
    expect(await once(program, "close")).toEqual([0, null]);
  } finally {
    program.kill("SIGKILL");
    await rm(folder, { recursive: true });
  }
});

test("script and style are small", async () => {
  const { script, files } = await playerFiles();
  expect(gzipSync(files.get(script)!.bytes).length).toBeLessThan(BUDGET_BYTES);
});
