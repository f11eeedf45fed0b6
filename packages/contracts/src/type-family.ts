import type { ColumnType } from "./table.ts";

/** What a type's values are, where they are compared with those of another column. */
export type TypeFamily = "number" | "date" | "timestamp" | "text" | "boolean";

/** The family of a type's values: only those of one family are compared. */
export function typeFamily(type: ColumnType): TypeFamily {
  switch (type) {
    case "integer":
    case "decimal":
      return "number";
    case "date":
    case "timestamp":
    case "boolean":
      return type;
    case "string":
    case "email":
    case "url":
    case "enum":
      return "text";
  }
}
