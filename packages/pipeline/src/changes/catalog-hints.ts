import type { Redis } from "ioredis";
import { type ChannelListener, listen } from "./listen.ts";
import type { ChangeWatch } from "./watch-changes.ts";

/** How far a catalog's changes are numbered. */
export interface Numbered {
  catalogId: number;
  /** The greatest number. */
  seq: number;
}

/** Who is told of catalogs' changes. All of it is a hint: what is true, PostgreSQL says. */
export interface CatalogListener {
  /** Changes of these were committed, without numbers yet. */
  written?(catalogIds: readonly number[]): void;
  /** Changes of these have got numbers. */
  numbered?(catalogs: readonly Numbered[]): void;
  /** Hints may have passed unheard: look for yourself. Also said when listening begins. */
  interrupted(): void;
}

/** Where catalogs' changes are told of: what was written, and what was numbered. */
export const catalogChannels = (prefix: string) => ({
  written: `${prefix}:catalogs:written`,
  numbered: `${prefix}:catalogs:numbered`,
});

/** Listens to what is told of catalogs, on a connection of its own. */
export function watchCatalogChannels(
  connection: Redis,
  { written, numbered }: ReturnType<typeof catalogChannels>,
  listener: CatalogListener,
): ChangeWatch {
  const channels = [...(listener.written ? [written] : []), ...(listener.numbered ? [numbered] : [])];
  const heard: ChannelListener = {
    listening: () => listener.interrupted(),
    message(channel, message) {
      const said = read(message);
      if (channel === written) listener.written?.(said.filter(isId));
      else listener.numbered?.(said.flatMap(readNumbered));
    },
  };
  return listen(connection, channels, heard);
}

/** Writes what was numbered for the channel. */
export const encodeNumbered = (catalogs: readonly Numbered[]) =>
  JSON.stringify(catalogs.map(({ catalogId, seq }) => [catalogId, seq]));

function readNumbered(said: unknown): Numbered[] {
  if (!Array.isArray(said) || !isId(said[0]) || !isId(said[1])) return [];
  return [{ catalogId: said[0], seq: said[1] }];
}

const isId = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

function read(message: string): unknown[] {
  try {
    const said: unknown = JSON.parse(message);
    return Array.isArray(said) ? said : [];
  } catch {
    return [];
  }
}
