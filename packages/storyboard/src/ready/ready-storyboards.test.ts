import { STAGES, storyboardSchema } from "@inlet/contracts";
import { expect, test } from "vitest";
import { storyboardColumns } from "../column-uses.ts";
import { storyboardProblems } from "../problems/storyboard-problems.ts";
import { filmOf } from "../resolve/film-of.ts";
import { pageWordsOf } from "../resolve/page-words-of.ts";
import { rowOf } from "../row.ts";
import { unmetRequirements } from "../rules/requirements.ts";
import { buildAsset } from "../testing.ts";
import { spokenLanguages } from "../words/language.ts";
import { readyAssets } from "./ready-assets.ts";
import { readyStoryboards } from "./ready-storyboards.ts";

const MAX_ASSET_BYTES = 60 * 1024;
const READY_FOR = readyStoryboards.map((ready) => [ready.name, ready] as const);

async function opened({ name, document }: (typeof readyStoryboards)[number]) {
  const files = await readyAssets(name);
  const assets = Object.fromEntries(files.map((file) => [file.name, buildAsset(file.name)]));
  return { storyboard: storyboardSchema.parse(document), files, assets };
}

test.each(READY_FOR)("%s has no problem, and small files that are all shown", async (_, ready) => {
  const { storyboard, files, assets } = await opened(ready);
  const columns = { contacts: storyboardColumns(storyboard).concat("age") };
  expect(storyboardProblems(storyboard, { columns, assets })).toEqual([]);
  const written = JSON.stringify(storyboard);
  for (const { name, sizeBytes } of files) {
    expect(written).toContain(name);
    expect(sizeBytes).toBeLessThan(MAX_ASSET_BYTES);
  }
});

test.each(READY_FOR)(
  "%s speaks English, German and a language that is written from right to left",
  async (_, ready) => {
    const { storyboard } = await opened(ready);
    expect(spokenLanguages(storyboard)).toEqual(["en", "de", expect.stringMatching(/^(ar|he)$/)]);
  },
);

test.each(READY_FOR)("%s plays for every sample, within its stage and without a loose end", async (_, ready) => {
  const { storyboard, assets } = await opened(ready);
  const { width, height } = STAGES[storyboard.stage];
  expect(storyboard.samples.length).toBeGreaterThanOrEqual(4);
  for (const { name, values } of storyboard.samples) {
    const row = rowOf(values);
    expect(unmetRequirements(storyboard, row), name).toEqual([]);
    const film = filmOf(storyboard, row, { assets });
    expect(film.durationMs, name).toBeGreaterThanOrEqual(12_000);
    expect(film.durationMs, name).toBeLessThanOrEqual(19_000);
    expect(film.chapters.length).toBeGreaterThanOrEqual(2);
    expect(film.captions).toHaveLength(film.scenes.length);
    const words = [
      ...film.captions.map(({ text }) => text),
      ...film.scenes.flatMap(({ layers }) =>
        layers.flatMap((layer) => (layer.kind === "text" || layer.kind === "button" ? [layer.text] : [])),
      ),
      pageWordsOf(storyboard, row, { assets }).title.text,
    ];
    for (const text of words) expect(text, name).not.toMatch(/\{\{|undefined|null| {2}|,[.!]| [,.!]|^[,.!]/);
    for (const layer of film.scenes.flatMap(({ layers }) => layers)) {
      if (layer.kind !== "text" && layer.kind !== "button") continue;
      const { box } = layer;
      expect(Math.min(box.x, width - box.x - box.width), layer.text).toBeGreaterThanOrEqual(64);
      expect(Math.min(box.y, height - box.y - box.height), layer.text).toBeGreaterThanOrEqual(64);
    }
  }
});

test("there are no files of what is not ready", async () => {
  expect(await readyAssets("../birthday")).toEqual([]);
});
