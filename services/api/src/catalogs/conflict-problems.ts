import type { Problem, Profile } from "@inlet/contracts";
import { type ConflictFunctions, missingFunctions } from "@inlet/sync/catalogs";

/** Conflict functions that a profile's catalogs name and that the platform team's module does not have. */
export function conflictProblems({ catalogs }: Pick<Profile, "catalogs">, functions: ConflictFunctions): Problem[] {
  return catalogs.flatMap((catalog, index) =>
    missingFunctions(catalog, functions).map((name) => ({
      path: ["catalogs", index, "conflicts"],
      message: `there is no conflict function ${name}: the module of INLET_CONFLICTS_MODULE has ${Object.keys(functions).join(", ") || "none"}`,
    })),
  );
}
