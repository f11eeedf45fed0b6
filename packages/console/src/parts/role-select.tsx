import type { ApiRole } from "@inlet/contracts";
import { Select } from "@mantine/core";
import { ROLE_LEADS, ROLE_WORDS } from "./role-words.ts";

/** One of the roles, with what it may do. */
export function RoleSelect({ value, onChange }: { value: ApiRole; onChange: (role: ApiRole) => void }) {
  return (
    <Select
      label="Role"
      description={ROLE_LEADS[value]}
      data={Object.entries(ROLE_WORDS).map(([role, label]) => ({ value: role, label }))}
      value={value}
      allowDeselect={false}
      onChange={(role) => onChange((role ?? "client") as ApiRole)}
    />
  );
}
