import type { Comparison, Condition } from "@inlet/contracts";
import { leftOut } from "@inlet/storyboard";
import { comparisonsOf, conditionOf } from "./comparisons.ts";
import type { Draft, DraftLayer, DraftScene } from "./draft.ts";

const placeholderOf = (column: string) =>
  new RegExp(String.raw`\{\{\s*${column}\s*(:[^|{}]*)?(?:\|([^{}]*))?\}\}`, "g");

/** A storyboard in which a column is called otherwise: in words, addresses, files' names, rules, fallbacks and samples. */
export function withColumn(draft: Draft, from: string, to: string): Draft {
  const pattern = placeholderOf(from);
  const renamed = everyText(draft, (text) =>
    text.replaceAll(pattern, (_, format: string | undefined, fallback: string | undefined) => {
      return `{{${to}${format ?? ""}${fallback === undefined ? "" : `|${fallback}`}}}`;
    }),
  );
  const asked = everyCondition(renamed, (condition) =>
    "all" in condition
      ? { all: condition.all.map((each) => ofColumn(each, from, to)) }
      : { any: condition.any.map((each) => ofColumn(each, from, to)) },
  )!;
  const { fallbacks, page, language, samples } = asked;
  return {
    ...asked,
    ...(fallbacks && { fallbacks: withKey(fallbacks, from, to) }),
    ...(samples && { samples: samples.map((sample) => ({ ...sample, values: withKey(sample.values, from, to) })) }),
    ...(language?.column === from && { language: { ...language, column: to } }),
    ...(page?.fields && {
      page: { ...page, fields: page.fields.map((field) => (field.column === from ? { ...field, column: to } : field)) },
    }),
  };
}

/**
 * A storyboard without a column: what it would show and ask of an empty one stands there instead. Scenes, layers and
 * requirements that could never hold are gone.
 */
export function withoutColumn(draft: Draft, column: string): Draft {
  const pattern = placeholderOf(column);
  const usual = draft.fallbacks?.[column] ?? "";
  const said = everyText(withoutChoices(draft, column), (text, isAddress) => {
    let left = text;
    for (let match = pattern.exec(left); match !== null; match = pattern.exec(left)) {
      const words = match[2]?.trim() ?? usual;
      const [before, after] = [left.slice(0, match.index), left.slice(match.index + match[0].length)];
      if (isAddress) left = before + encodeURIComponent(words) + after;
      else left = words === "" ? leftOut(before, after) : before + words + after;
      pattern.lastIndex = 0;
    }
    return left;
  });
  const asked = everyCondition(said, (condition) => whereEmpty(condition, column))!;
  const { fallbacks, page, language, samples } = asked;
  return {
    ...asked,
    ...(fallbacks && { fallbacks: withKey(fallbacks, column) }),
    ...(samples && { samples: samples.map((sample) => ({ ...sample, values: withKey(sample.values, column) })) }),
    ...(language?.column === column && { language: { default: language.default } }),
    ...(page?.fields && { page: { ...page, fields: page.fields.filter((field) => field.column !== column) } }),
  };
}

/** `gone`: it could never hold. Undefined: it always does. */
type Asked = Condition | "gone" | undefined;

function whereEmpty(condition: Condition, column: string): Asked {
  const left: Comparison[] = [];
  const kind = "all" in condition ? "all" : "any";
  for (const comparison of comparisonsOf(condition)) {
    if (comparison.field !== column) left.push(comparison);
    else {
      const holds = comparison.is === "empty" || comparison.is === "not_equal";
      if (kind === "all" && !holds) return "gone";
      if (kind === "any" && holds) return undefined;
    }
  }
  if (left.length > 0) return conditionOf(kind, left);
  return kind === "all" ? undefined : "gone";
}

/** Changes every rule; what could never hold takes what it stands at along. */
function everyCondition(draft: Draft, of: (condition: Condition) => Asked): Draft {
  const keeps = <Part extends { when?: Condition | undefined }>(part: Part): Part[] => {
    if (part.when === undefined) return [part];
    const { when, ...others } = part;
    const asked = of(when);
    return asked === "gone" ? [] : [{ ...others, ...(asked !== undefined && { when: asked }) } as unknown as Part];
  };
  const groups = draft.groups?.flatMap((group) => keeps(group));
  const gone = new Set(
    draft.groups?.filter(({ name }) => groups?.every((each) => each.name !== name)).map(({ name }) => name),
  );
  const scenes = draft.scenes
    .filter(({ group }) => group === undefined || !gone.has(group))
    .flatMap((scene) => keeps(scene))
    .map((scene) =>
      scene.layers === undefined ? scene : { ...scene, layers: scene.layers.flatMap((layer) => keeps(layer)) },
    );
  const requirements = draft.requirements?.flatMap((requirement) => {
    const condition = of(requirement.condition);
    return condition === "gone" || condition === undefined ? [] : [{ ...requirement, condition }];
  });
  const { poster, ...others } = draft;
  const isThere = poster === undefined || scenes.some(({ name }) => name === poster.scene);
  return {
    ...(isThere ? draft : others),
    // A storyboard has one scene at least.
    scenes: scenes.length > 0 ? scenes : [withoutRule(draft.scenes[0]!)],
    ...(groups && { groups }),
    ...(requirements && { requirements }),
  };
}

const withoutRule = ({ when: _, group: __, ...scene }: DraftScene): DraftScene => scene;

/** Files that the column's value chose: their fallback, or nothing. */
function withoutChoices(draft: Draft, column: string): Draft {
  const pattern = new RegExp(placeholderOf(column).source);
  const isBy = (choice: unknown): choice is { name: string; fallback?: string } =>
    typeof choice === "object" && choice !== null && "name" in choice && pattern.test(String(choice.name));
  const layer = (each: DraftLayer): DraftLayer[] => {
    if (each.kind !== "image" || !isBy(each.asset)) return [each];
    return each.asset.fallback === undefined ? [] : [{ ...each, asset: each.asset.fallback }];
  };
  const asset = <Of extends { asset?: unknown }>(of: Of): Of => {
    if (!isBy(of.asset)) return of;
    const { asset: choice, ...others } = of;
    return (choice.fallback === undefined ? others : { ...of, asset: choice.fallback }) as Of;
  };
  return {
    ...draft,
    scenes: draft.scenes.map((scene) => {
      const { audio, ...others } = scene;
      const sound = audio === undefined ? undefined : asset(audio);
      return {
        ...others,
        ...(sound?.asset !== undefined && { audio: sound }),
        ...(scene.background && { background: asset(scene.background) }),
        ...(scene.layers && { layers: scene.layers.flatMap(layer) }),
      };
    }),
  };
}

/** Every text in which values may stand. */
function everyText(draft: Draft, of: (text: string, isAddress: boolean) => string): Draft {
  const within = (value: unknown, key: string): unknown => {
    if (typeof value === "string") return of(value, key === "url");
    if (Array.isArray(value)) return value.map((each) => within(each, key));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [name, name === "when" ? each : within(each, name)]),
    );
  };
  const parts = { scenes: draft.scenes, page: draft.page, music: draft.music };
  return { ...draft, ...(within(JSON.parse(JSON.stringify(parts)), "") as Pick<Draft, "scenes">) };
}

const ofColumn = (comparison: Comparison, from: string, to: string): Comparison =>
  comparison.field === from ? { ...comparison, field: to } : comparison;

function withKey(of: Readonly<Record<string, string>>, from: string, to?: string): Record<string, string> {
  const { [from]: value, ...others } = of;
  if (value === undefined || to === undefined) return others;
  return { ...others, [to]: others[to] ?? value };
}
