/** How what is edited fares on its way to the hub. */
export type Saving<Answer> =
  | { state: "saved" }
  /** Changed; saved when the pause in editing is long enough. */
  | { state: "waiting" }
  | { state: "saving" }
  /** It is tried again by itself. */
  | { state: "failed"; error: unknown }
  /** Somebody else saved meanwhile. Nothing is saved until it is said what is to be. */
  | { state: "overtaken"; theirs: Answer };

interface SaverParts<Document, Answer> {
  /** The revision that the document goes on from. */
  revision: number;
  save: (document: Document, revision: number) => Promise<Answer>;
  /** What somebody else has saved, where that is what was thrown. */
  overtakenBy: (error: unknown) => Promise<Answer | undefined>;
  onChange: (saving: Saving<Answer>) => void;
  /** What was saved, as the hub answered it. */
  onSaved: (answer: Answer, document: Document) => void;
}

/** A pause in editing after which it is saved; and the longest that somebody who does not pause goes unsaved. */
export const PAUSE_MS = 700;
const LONGEST_MS = 5_000;
const RETRY_MS = 4_000;

/** Saves a document while it is edited: after a pause, one save at a time, each from the revision of the one before. */
export class DraftSaver<Document, Answer extends { revision: number }> {
  readonly #parts: SaverParts<Document, Answer>;
  #revision: number;
  /** What is not saved; undefined: nothing. */
  #pending: { document: Document } | undefined;
  #pendingSince = 0;
  #running: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOvertaken = false;
  #isClosed = false;

  constructor(parts: SaverParts<Document, Answer>) {
    this.#parts = parts;
    this.#revision = parts.revision;
  }

  get revision(): number {
    return this.#revision;
  }

  get isSaved(): boolean {
    return this.#pending === undefined && this.#running === undefined;
  }

  /** Takes the document as it is now. */
  changed(document: Document): void {
    if (this.#pending === undefined) this.#pendingSince = Date.now();
    this.#pending = { document };
    if (this.#isOvertaken) return;
    if (this.#running === undefined) this.#parts.onChange({ state: "waiting" });
    this.#later(Math.max(0, Math.min(PAUSE_MS, this.#pendingSince + LONGEST_MS - Date.now())));
  }

  /** Saves at once what is not saved. Resolves to whether everything is saved now. */
  async flush(): Promise<boolean> {
    clearTimeout(this.#timer);
    // Another one that waited for the same save may have begun the next.
    while (this.#running !== undefined) await this.#running;
    if (this.#pending !== undefined && !this.#isOvertaken) await this.#run();
    return this.isSaved;
  }

  /** Goes on from somebody else's revision: with this document in its place, or (undefined) with theirs. */
  goOnFrom(revision: number, document: Document | undefined): void {
    this.#revision = revision;
    this.#isOvertaken = false;
    this.#pending = undefined;
    if (document === undefined) this.#parts.onChange({ state: "saved" });
    else {
      this.changed(document);
      void this.flush();
    }
  }

  /** Begins anew after `close`. */
  open(): void {
    this.#isClosed = false;
  }

  /** Ends the waiting, also that of a save which is under way and fails. What is not saved stays so. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => void this.flush(), ms);
  }

  async #run(): Promise<void> {
    const { document } = this.#pending!;
    this.#running = this.#save(document);
    await this.#running;
  }

  async #save(document: Document): Promise<void> {
    const { save, overtakenBy, onChange, onSaved } = this.#parts;
    const saved = this.#pending;
    this.#pending = undefined;
    onChange({ state: "saving" });
    try {
      const answer = await save(document, this.#revision);
      this.#revision = answer.revision;
      this.#running = undefined;
      onSaved(answer, document);
      if (this.#pending === undefined) onChange({ state: "saved" });
      else this.changed((this.#pending as { document: Document }).document);
    } catch (error) {
      this.#running = undefined;
      // Newer edits stand for the older ones.
      this.#pending ??= saved;
      const theirs = await overtakenBy(error).catch(() => undefined);
      if (theirs !== undefined) {
        this.#isOvertaken = true;
        clearTimeout(this.#timer);
        onChange({ state: "overtaken", theirs });
      } else {
        onChange({ state: "failed", error });
        this.#later(RETRY_MS);
      }
    }
  }
}
