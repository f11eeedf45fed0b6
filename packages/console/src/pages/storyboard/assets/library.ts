import { assetFileUrl } from "@inlet/client/browser";
import { ASSET_BYTES, type Asset, type StoredAsset } from "@inlet/contracts";
import { bytes } from "@inlet/contracts/figures";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, useCallback, useContext, useMemo, useState } from "react";
import { wordsOf } from "../../../api/failure.ts";
import type { ProjectPath } from "../../project/project-queries.ts";
import { assetsQuery } from "../storyboard-queries.ts";
import { assetNameOf, type Fitting, kindOf } from "./asset-name.ts";
import { sendAsset } from "./send-asset.ts";

/** A file on its way to the hub. */
export interface Upload {
  name: string;
  /** 0 to 1. */
  share: number;
  /** Why it did not get there. */
  failure: string | undefined;
}

/** The project's files, and what is on its way to be one. */
export interface Library {
  assets: readonly Asset[];
  /** Those that can be shown, by name. */
  stored: Readonly<Record<string, StoredAsset>>;
  /** Those, and what is being made ready: no mistake of a storyboard that names it. */
  known: Readonly<Record<string, { kind: Fitting }>>;
  uploads: readonly Upload[];
  urlOf: (asset: { sha256: string }) => string;
  /** Sends files; resolves to the names of those that came. */
  upload: (files: readonly File[]) => Promise<string[]>;
  /** Puts a failure away. */
  forget: (name: string) => void;
  error: unknown;
}

export const LibraryContext = createContext<Library | undefined>(undefined);

export function useLibrary(): Library {
  const library = useContext(LibraryContext);
  if (library === undefined) throw new Error("this part stands outside the storyboard editor");
  return library;
}

const NONE: readonly Asset[] = [];

/** While something is made ready it is asked for so often. */
const LOOK_MS = 700;

export function useProjectLibrary(path: ProjectPath): Library {
  const { client, project } = path;
  const queryClient = useQueryClient();
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const { data: assets = NONE, error } = useQuery({
    ...assetsQuery(path),
    refetchInterval: ({ state }) => (state.data?.some((each) => each.state === "processing") ? LOOK_MS : false),
  });
  const stored = useMemo(() => storedOf(assets), [assets]);
  const known = useMemo(() => {
    const coming = assets.filter(({ state }) => state === "processing");
    return {
      ...Object.fromEntries(coming.map(({ name, upload }) => [name, { kind: kindOf(upload.name) }])),
      ...stored,
    };
  }, [assets, stored]);
  const urlOf = useCallback(
    ({ sha256 }: { sha256: string }) => assetFileUrl(client, project, sha256),
    [client, project],
  );
  const upload = useCallback(
    async (files: readonly File[]) => {
      const came: string[] = [];
      const say = (name: string, change: Partial<Upload> | undefined) =>
        setUploads((before) =>
          before.flatMap((each) => (each.name !== name ? each : change === undefined ? [] : { ...each, ...change })),
        );
      for (const file of files) {
        const name = assetNameOf(file.name);
        setUploads((before) => [
          ...before.filter((each) => each.name !== name),
          { name, share: 0, failure: refusalOf(file) },
        ]);
        if (refusalOf(file) !== undefined) continue;
        try {
          await sendAsset({ client, project }, { name, file, onShare: (share) => say(name, { share }) });
          came.push(name);
          await queryClient.invalidateQueries(assetsQuery({ client, project }));
          say(name, undefined);
        } catch (failed) {
          say(name, { failure: wordsOf(failed).detail });
        }
      }
      return came;
    },
    [client, project, queryClient],
  );
  const forget = useCallback((name: string) => setUploads((before) => before.filter((each) => each.name !== name)), []);
  return useMemo(
    () => ({ assets, stored, known, uploads, urlOf, upload, forget, error }),
    [assets, stored, known, uploads, urlOf, upload, forget, error],
  );
}

/** Those that can be shown, by name. */
export function storedOf(assets: readonly Asset[]): Record<string, StoredAsset> {
  return Object.fromEntries(
    assets.flatMap(({ name, state, file }) => (state === "ready" && file !== null ? [[name, { name, ...file }]] : [])),
  );
}

/** What need not be sent to be refused. */
function refusalOf({ name, size }: File): string | undefined {
  if (size === 0) return `${name} is empty.`;
  if (size > ASSET_BYTES)
    return `${name} has ${bytes(size)}; the most is ${bytes(ASSET_BYTES)}. Make it smaller first.`;
  return undefined;
}
