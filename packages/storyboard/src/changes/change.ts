/** One difference of two storyboards. */
export interface StoryboardChange {
  kind: "added" | "removed" | "changed";
  /** Where it is: in the newer one; of what was removed, in the older one. */
  path: (string | number)[];
  /** In a sentence, for people. */
  message: string;
  /** The older value; undefined where there was none. */
  from?: unknown;
  /** The newer value; undefined where there is none. */
  to?: unknown;
}
