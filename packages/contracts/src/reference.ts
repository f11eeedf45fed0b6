import type { Table } from "./table.ts";
import { typeFamily } from "./type-family.ts";

/** A rule of a table that refers to what another one does not have. */
interface ReferenceProblem {
  /** From the list of tables on. */
  path: (string | number)[];
  message: string;
}

/** What is wrong with the rules `references` of a project's tables: tables, columns and types that are not there. */
export function referenceProblems(tables: readonly Table[]): ReferenceProblem[] {
  return tables.flatMap((table, at) =>
    table.rules.flatMap((rule, index) => {
      if (rule.rule !== "references") return [];
      const path = [at, "rules", index];
      const other = tables.find(({ name }) => name === rule.table);
      if (other === undefined) {
        return [{ path: [...path, "table"], message: `${rule.table} is no table of this profile` }];
      }
      const names = rule.to ?? rule.columns;
      const key = rule.to === undefined ? "columns" : "to";
      return names.flatMap((name, place): ReferenceProblem[] => {
        const own = table.columns.find((column) => column.name === rule.columns[place]);
        const column = other.columns.find((candidate) => candidate.name === name);
        if (column === undefined) {
          return [{ path: [...path, key, place], message: `${name} is no column of table ${other.name}` }];
        }
        if (own === undefined || typeFamily(own.type) === typeFamily(column.type)) return [];
        const message = `${own.name} (${own.type}) and ${other.name}.${name} (${column.type}) are not of one kind`;
        return [{ path: [...path, key, place], message }];
      });
    }),
  );
}
