/** A row: column → PostgreSQL's own text of its value, or null. */
export type Values = Readonly<Record<string, string | null>>;

/** When a value was given, and by whom. Milliseconds since 1970. */
export interface Stamp {
  atMs: number;
  /** `import`, `api`, or a subscription's name. */
  origin: string;
}

/** A field's value with its stamp: a register. */
export interface Register extends Stamp {
  value: string | null;
}

/**
 * An item as it is kept. What each field holds and since when; when somebody last said that the item is there, and when that it
 * is not. The later one of these two counts; at the same time, it is there.
 */
export interface ItemState {
  /** The columns besides the key's. */
  fields: Readonly<Record<string, Register>>;
  put: Stamp | null;
  removed: Stamp | null;
}

/** What somebody says of an item: some or all of its fields, or that it is gone. */
export type Incoming = Stamp &
  (
    | {
        operation: "put";
        /** Fields that are not named are not touched. Key columns are passed over. */
        values: Values;
      }
    | { operation: "remove" }
  );

/** A value that is not taken, or that had to give way to one that is older or the same age. */
export interface Loss extends Stamp {
  /** Null: that the item is gone. */
  field: string | null;
  value: string | null;
  kept: string | null;
  keptOrigin: string | null;
  rule: "newest" | "source" | "function";
}

/** What a merge comes to. */
export interface Merged {
  state: ItemState;
  /** What others are to be told; null: nothing that they can see has changed. */
  operation: "put" | "remove" | null;
  /** The fields whose values are others than before, in their order; of an item that was not there, all. */
  changed: string[];
  losses: Loss[];
  /** Whether anything at all is to be stored: stamps move also where values do not. */
  isStored: boolean;
}
