import type { OutgoingItem, OutsideFields, OutsideValue } from "../../subscriber.ts";
import { KEY_FIELD } from "./settings.ts";

/** An item as Stripe's parameters; our key goes along in `metadata`. What is null is left out. */
export function paramsToCreate({ key, fields }: OutgoingItem): OutsideFields {
  const { metadata } = fields;
  const params = withoutNulls({
    ...fields,
    metadata: { ...(metadata as OutsideFields | undefined), [KEY_FIELD]: key },
  });
  return params as OutsideFields;
}

/** The same for an object that is there: what is null is cleared, which Stripe wants an empty text for. */
export function paramsToUpdate({ key, fields }: OutgoingItem): OutsideFields {
  const { metadata } = fields;
  return cleared({
    ...fields,
    metadata: { ...(metadata as OutsideFields | undefined), [KEY_FIELD]: key },
  }) as OutsideFields;
}

function withoutNulls(value: OutsideValue): OutsideValue | undefined {
  if (value === null) return undefined;
  if (typeof value !== "object" || Array.isArray(value)) return value;
  const kept = Object.entries(value).flatMap(([name, each]) => {
    const found = withoutNulls(each);
    return found === undefined ? [] : [[name, found] as const];
  });
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function cleared(value: OutsideValue): OutsideValue {
  if (value === null) return "";
  if (typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, cleared(each)]));
}
