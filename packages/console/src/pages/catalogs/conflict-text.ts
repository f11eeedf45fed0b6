import type { CatalogView, ConflictRule } from "@inlet/contracts";

/** Which value stays when two sides have changed one, in words. */
export function conflictText({ default: general, fields }: CatalogView["conflicts"]): string {
  const special = Object.entries(fields);
  if (special.length === 0) return sentence(ruleText(general));
  const own = special.map(([column, rule]) => `of ${column} ${ruleText(rule)}`);
  return sentence(`${own.join(", ")}; otherwise ${ruleText(general)}`);
}

function ruleText(rule: ConflictRule): string {
  if (rule.rule === "newest") return "the newest value stays";
  if (rule.rule === "source") return `what ${rule.origin} says stays`;
  return `the platform's function ${rule.name} decides`;
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
