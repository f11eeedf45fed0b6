import { storyboardSchema } from "@inlet/contracts";
import { expect, test } from "vitest";
import type { ShownStoryboard } from "../links/linked-batch.ts";
import { type FilmLink, openFilmPages, wholePage } from "./film-pages.ts";

const TOKEN = "A".repeat(35);
const SCRIPT = "player-1.js";

const shown: ShownStoryboard = {
  projectId: 1,
  version: 1,
  assets: {},
  storyboard: storyboardSchema.parse({
    title: "A plan",
    language: { default: "en", column: "language" },
    scenes: [
      {
        name: "hello",
        durationMs: 1_000,
        layers: [{ kind: "text", text: "{{name}} & “{{plan}}”", box: { x: 0, y: 0, width: 100, height: 100 } }],
      },
      { name: "more", durationMs: 1_000, when: { all: [{ field: "plan", is: "filled" }] } },
    ],
    page: {
      title: "{{name}}",
      text: { en: "Your plan: {{plan}}", ar: "{{plan}}" },
      fields: [{ column: "plan", label: "Plan" }],
      button: { label: "Go", url: "https://e.example/?p={{plan}}" },
    },
  }),
};
const linkOf = (fields: Record<string, string | null>): FilmLink => ({
  recipient: new Map(Object.entries(fields)),
  address: "https://go.example.org",
  batch: { sender: "Acme & <Co>", rehearsal: false },
});

test.each([
  ["an ordinary row", { name: "Iris", plan: "Green" }],
  ["nothing at all", { name: null, plan: null }],
  ["a long name", { name: "Maximiliane-Theodora Wolfeschlegelsteinhausenbergerdorff", plan: "Green" }],
  ["a name from right to left", { name: "נועה", plan: "ירוק", language: "ar" }],
  ["what ends an element", { name: "</script><b>\"'&amp;", plan: "\\u003c\\\n\u2028<!--" }],
  ["what looks like a place", { name: "\uE000abc.0\uE001 $& $1", plan: "{{name}}" }],
  ["emoji and half of one", { name: "👩‍👩‍👧 \ud83d", plan: "ß" }],
])("%s has the page that it has by itself", (_, fields) => {
  const pageOf = openFilmPages(SCRIPT);
  const [link, whole] = [linkOf(fields), wholePage(linkOf(fields), shown, TOKEN, SCRIPT)];
  pageOf(linkOf({ name: "Somebody", plan: "Else" }), shown, TOKEN);
  for (let time = 1; time <= 2; time += 1) {
    const page = pageOf(link, shown, TOKEN);
    expect(page.body.toString()).toBe(whole.body.toString());
    expect(page.contentSecurityPolicy).toBe(whole.contentSecurityPolicy);
  }
});

test("a page's name changes with its bytes, and is the same in every process", () => {
  const [one, other] = [openFilmPages(SCRIPT), openFilmPages(SCRIPT)];
  const iris = linkOf({ name: "Iris", plan: "Green" });
  expect(one(iris, shown, TOKEN).etag).toBe(other(iris, shown, TOKEN).etag);
  const names = [
    one(iris, shown, TOKEN),
    one(iris, shown, "B".repeat(35)),
    one(linkOf({ name: "Zoë", plan: "Green" }), shown, TOKEN),
    one(linkOf({ name: "Iris", plan: null }), shown, TOKEN),
    one({ ...iris, batch: { ...iris.batch, rehearsal: true } }, shown, TOKEN),
    openFilmPages("player-2.js")(iris, shown, TOKEN),
  ].map(({ etag }) => etag);
  expect(new Set(names).size).toBe(names.length);
});
