import type { Attributes as SetAttributes, SFTPWrapper } from "ssh2";
import { AccountTree } from "./account-tree.ts";
import type { AccountViews } from "./account-views.ts";
import { Answers } from "./answers.ts";
import { endChannel } from "./channel.ts";
import { audit, type Context, entryOf, type Principal } from "./context.ts";
import type { Flow } from "./flow.ts";
import { HandleRequests } from "./handle-requests.ts";
import { Handles } from "./handles.ts";
import { PathRequests } from "./path-requests.ts";
import { printable } from "./paths.ts";
import { answerTo, Refusal, STATUS } from "./status.ts";

/** A client that goes on asking for what it may not have must not fill the audit. */
const MAX_AUDITED_REFUSALS = 200;

/** Requests that begin with a path. */
type PathRequest =
  | "OPEN"
  | "OPENDIR"
  | "STAT"
  | "LSTAT"
  | "SETSTAT"
  | "REALPATH"
  | "REMOVE"
  | "RENAME"
  | "MKDIR"
  | "RMDIR"
  | "READLINK"
  | "SYMLINK";

/** What a client asked for. */
interface Asked {
  request: string;
  id: number;
  path?: string;
  /** Bytes that the request holds while it waits. */
  sizeBytes: number;
}

interface SessionOptions {
  context: Context;
  principal: Principal;
  views: AccountViews;
  flow: Flow;
  stream: SFTPWrapper;
  /** Called at each request, so that idle connections can be told. */
  onRequest: () => void;
  /** Called when the account may not be logged in any more. */
  onRevoked: () => void;
}

/**
 * One SFTP stream of a logged-in client. READ and WRITE run side by side; everything else runs in the order in which it
 * was asked for, because clients send requests without waiting for the answers.
 */
export class SftpSession {
  readonly #context: Context;
  readonly #principal: Principal;
  readonly #flow: Flow;
  readonly #stream: SFTPWrapper;
  readonly #answers: Answers;
  readonly #paths: PathRequests;
  readonly #handles: HandleRequests;
  readonly #onRequest: () => void;
  #queue: Promise<void> = Promise.resolve();
  #refusals = 0;
  #ended = false;

  constructor({ context, principal, views, flow, stream, onRequest, onRevoked }: SessionOptions) {
    this.#context = context;
    this.#principal = principal;
    this.#flow = flow;
    this.#stream = stream;
    this.#answers = new Answers(flow, stream);
    const tree = new AccountTree({ context, principal, views, onRevoked });
    const parts = { context, principal, tree, answers: this.#answers };
    this.#paths = new PathRequests(parts);
    this.#handles = new HandleRequests({ ...parts, handles: new Handles(context.limits.handles) });
    this.#onRequest = onRequest;
    this.#listen();
  }

  /** Resolves when every request that was taken has been answered, and, after the end, every handle is closed. */
  settled(): Promise<void> {
    return this.#queue;
  }

  /** Ends the session: what is open is abandoned, after the requests before it. */
  end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#queue = this.#queue.then(() => this.#handles.abandonAll(reason));
  }

  #listen(): void {
    const [stream, paths, handles] = [this.#stream, this.#paths, this.#handles];
    const onPath = (request: PathRequest, work: (id: number, path: string, third: never) => Promise<void>) =>
      stream.on(request, (id: number, path: string, third: never) =>
        this.#inOrder({ request, id, path, sizeBytes: sizeOf(path) + sizeOf(third) }, () => work(id, path, third)),
      );
    onPath("OPEN", (id, path, flags: number) => handles.open(id, path, flags));
    onPath("OPENDIR", (id, path) => handles.openFolder(id, path));
    onPath("STAT", (id, path) => paths.stat(id, path));
    onPath("LSTAT", (id, path) => paths.stat(id, path));
    onPath("SETSTAT", (id, path, attributes: SetAttributes) => paths.setStat(id, path, attributes));
    onPath("REALPATH", (id, path) => paths.realPath(id, path));
    onPath("REMOVE", (id, path) => paths.remove(id, path));
    onPath("RENAME", (id, from, to: string) => paths.rename(id, from, to, { replace: false }));
    onPath("MKDIR", (_, path) => paths.refuseFolder(path));
    onPath("RMDIR", (_, path) => paths.refuseFolder(path));
    onPath("READLINK", () => paths.refuseLink());
    onPath("SYMLINK", () => paths.refuseLink());
    const inOrder = (request: string, id: number, work: () => Promise<void>, sizeBytes = 0) =>
      this.#inOrder({ request, id, sizeBytes }, work);
    stream.on("CLOSE", (id, handle) => inOrder("CLOSE", id, () => handles.close(id, handle)));
    stream.on("FSTAT", (id, handle) => inOrder("FSTAT", id, () => handles.stat(id, handle)));
    stream.on("FSETSTAT", (id, handle, attrs) => inOrder("FSETSTAT", id, () => handles.setStat(id, handle, attrs)));
    stream.on("READDIR", (id, handle) => inOrder("READDIR", id, () => handles.readFolder(id, handle)));
    stream.on("EXTENDED", (id, name, data: Buffer | undefined) =>
      inOrder(name, id, () => paths.extended(id, name, data), sizeOf(name) + (data?.length ?? 0)),
    );
    stream.on("READ", (id, handle, offset, length) => void this.#read(id, handle, offset, length));
    stream.on("WRITE", (id, handle, offset, data) => void this.#write(id, handle, offset, data));
    stream.on("error", (err: Error) => {
      this.#context.logger.info({ err, session: this.#principal.session }, "a client broke the SFTP protocol");
    });
    stream.on("end", () => {
      this.end("the client ended the session with the file open");
      endChannel(stream);
    });
    stream.on("close", () => this.end("the connection was lost"));
  }

  #inOrder(asked: Asked, work: () => Promise<void>): void {
    if (this.#ended) return;
    this.#onRequest();
    const done = this.#flow.queued(asked.sizeBytes);
    this.#queue = this.#queue.then(async () => {
      try {
        await work();
      } catch (error) {
        await this.#refuse(asked, error);
      } finally {
        done();
      }
    });
  }

  /** Answers an error, and writes it where it belongs: refusals to the audit, faults of ours to the log. */
  async #refuse({ request, id, path }: Omit<Asked, "sizeBytes">, error: unknown): Promise<void> {
    const { status, message, expected } = answerTo(error);
    this.#answers.status(id, status, message);
    const { logger } = this.#context;
    if (!expected) {
      logger.error({ err: error, request, session: this.#principal.session }, "a request failed");
    } else if (error instanceof Refusal && status !== STATUS.noSuchFile && status !== STATUS.opUnsupported) {
      this.#refusals += 1;
      if (this.#refusals > MAX_AUDITED_REFUSALS) return;
      await audit(
        this.#context,
        entryOf(this.#principal, {
          action: "refuse",
          outcome: "refused",
          // As it was sent, but for what PostgreSQL cannot hold or a terminal would act on.
          path: path === undefined ? null : printable(path),
          detail: { request: printable(request), reason: message },
        }),
      );
    }
  }

  async #read(id: number, handle: Buffer, offset: number, length: number): Promise<void> {
    this.#onRequest();
    try {
      await this.#handles.read(id, handle, offset, length);
    } catch (error) {
      await this.#refuse({ request: "READ", id }, error);
    }
  }

  async #write(id: number, handle: Buffer, offset: number, data: Buffer): Promise<void> {
    this.#onRequest();
    try {
      await this.#handles.write(id, handle, offset, data);
    } catch (error) {
      const { status, message, expected } = answerTo(error);
      this.#answers.status(id, status, message);
      // One line of the audit says it at CLOSE; here there may be hundreds of the same.
      if (!expected) this.#context.logger.warn({ err: error, session: this.#principal.session }, "a write failed");
    }
  }
}

/** Memory of a text: at most two bytes for each of its characters. Other things that come with a request are small. */
const sizeOf = (value: unknown): number => (typeof value === "string" ? 2 * value.length : 0);
