import type { ProfileInput } from "@inlet/contracts";
import { withSetting } from "../../../profile-parts/setting.ts";

/** What each section of the form is given. */
export interface FormSectionProps {
  profile: ProfileInput;
  onChange: (profile: ProfileInput) => void;
}

type Group = "duplicates" | "incoming" | "notify";

/** A profile with a group of settings changed; a group that says nothing is left out. */
export function withGroup<Key extends Group>(profile: ProfileInput, key: Key, group: ProfileInput[Key]): ProfileInput {
  const isEmpty = group === undefined || Object.keys(group).length === 0;
  return withSetting(profile, key, isEmpty ? undefined : group);
}

/** What a number field says. */
export const numberOf = (value: number | string) => (typeof value === "number" ? value : undefined);
