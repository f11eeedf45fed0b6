import type { AccountViews } from "./account-views.ts";
import type { Context, Principal } from "./context.ts";
import { segmentsOf } from "./paths.ts";
import { type Place, placeOf } from "./places.ts";
import { denied, failure, noSuchFile } from "./status.ts";
import { type Folder, type Resolved, type RoleFolder, resolve } from "./view.ts";

interface TreeOptions {
  context: Context;
  principal: Principal;
  views: AccountViews;
  /** Called when the account may not be logged in any more. */
  onRevoked: () => void;
}

/** What an account sees, by the paths that its clients send. Every path goes through here. */
export class AccountTree {
  readonly #options: TreeOptions;

  constructor(options: TreeOptions) {
    this.#options = options;
  }

  async resolve(path: string): Promise<Resolved> {
    const segments = segmentsOf(path);
    const view = await this.#options.views.viewOf(this.#options.principal);
    if (view === undefined) {
      this.#options.onRevoked();
      throw denied("This account has no access any more");
    }
    return resolve(view, segments);
  }

  placeIn(folder: RoleFolder, name: string): Place {
    return placeOf(this.#options.context.dataFolder, this.#options.principal.jail, folder, name);
  }

  async fileAt(path: string): Promise<Place> {
    const found = await this.resolve(path);
    if (found.kind === "folder") throw failure("This is a folder");
    if (found.kind === "nothing") throw noSuchFile();
    return this.placeIn(found.folder, found.name);
  }

  async folderAt(path: string): Promise<Folder> {
    const found = await this.resolve(path);
    if (found.kind !== "folder") throw noSuchFile();
    return found.folder;
  }

  /** A client that makes a file where none can be is told why; everything else there does not exist. */
  async fileToOpen(path: string, { create }: { create: boolean }): Promise<Place> {
    const found = await this.resolve(path);
    if (found.kind === "file") return this.placeIn(found.folder, found.name);
    if (found.kind === "folder") throw failure("This is a folder");
    throw create ? denied("Files can be written in the Uploads folders only") : noSuchFile();
  }
}
