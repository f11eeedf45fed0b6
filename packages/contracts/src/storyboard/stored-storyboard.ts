import { readStored } from "../stored-profile.ts";
import { writtenOf } from "../written-profile.ts";
import { type Storyboard, type StoryboardInput, storyboardSchema } from "./storyboard.ts";

/**
 * A storyboard as it was published, with the defaults of settings that there have been since. It was judged then, and is not
 * judged again.
 */
export function readStoredStoryboard(document: unknown): Storyboard {
  return readStored(storyboardSchema, document);
}

/** A storyboard as a person would write it: settings that say what they say anyway are left out. Read again, it is the same. */
export function writtenStoryboard(storyboard: Storyboard): StoryboardInput {
  return writtenOf(storyboardSchema, storyboard);
}
