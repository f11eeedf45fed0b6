/** The types of columns, in words. */
export const COLUMN_TYPES = [
  { value: "string", label: "Text" },
  { value: "integer", label: "Whole number" },
  { value: "decimal", label: "Decimal number" },
  { value: "boolean", label: "Yes or no" },
  { value: "date", label: "Date" },
  { value: "timestamp", label: "Date and time" },
  { value: "email", label: "E-mail address" },
  { value: "url", label: "Web address" },
  { value: "enum", label: "One of a list" },
] as const;

/** What a new file does to the rows that are there. */
export const MODES = [
  { value: "append", label: "adds its rows", description: "The rows that are there stay." },
  {
    value: "replace",
    label: "replaces all rows",
    description: "As masters do: the table is what the newest file says.",
  },
  {
    value: "upsert",
    label: "changes rows by their key",
    description: "Rows of the same key are changed, others are added.",
  },
] as const;

/** What is done with a file in which some rows are wrong. */
export const POLICIES = [
  { value: "reject", label: "stop the file", description: "A file with one wrong row is not imported at all." },
  {
    value: "skip",
    label: "are left out",
    description: "The good rows are imported; the others come back in an error file.",
  },
  {
    value: "group",
    label: "are left out with their group",
    description: "All rows of an order, say, are imported together or not at all.",
  },
] as const;
