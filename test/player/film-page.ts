import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { playerFiles } from "@inlet/player/files";
import { CLICK_ATTRIBUTE, FILM_DATA_ID, type PageFilm, PLAYER_HOST_ID } from "@inlet/player/page";

/** What a landing page allows, and nothing more. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; font-src 'self'; connect-src 'self'; require-trusted-types-for 'script'";

interface ServedFile {
  type: string;
  bytes: Buffer;
}

/** Serves pages with films, under the policy of landing pages. */
export class FilmServer {
  readonly origin: string;
  /** Bodies of `POST`s by their path, in the order of their arrival. */
  readonly events = new Map<string, { view: string; kind: string; detail?: string }[]>();
  /** Answers of these addresses wait until they are taken out. */
  readonly held = new Set<string>();
  readonly #pages = new Map<string, PageFilm>();
  readonly #close: () => Promise<void>;

  private constructor(origin: string, close: () => Promise<void>) {
    this.origin = origin;
    this.#close = close;
  }

  /** @param assets by their paths, such as `/a/red.png` */
  static async open(assets: Readonly<Record<string, ServedFile>>): Promise<FilmServer> {
    const { script, files } = await playerFiles();
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? "/", "http://localhost");
      const answer = (type: string, body: string | Buffer, status = 200) =>
        response
          .writeHead(status, { "content-type": type, "content-security-policy": POLICY, "accept-ranges": "bytes" })
          .end(body);
      if (request.method === "POST") {
        let body = "";
        request.on("data", (chunk: Buffer) => {
          body += chunk.toString();
        });
        request.on("end", () => {
          served.events.set(url.pathname, [...(served.events.get(url.pathname) ?? []), JSON.parse(body)]);
          response.writeHead(204).end();
        });
        return;
      }
      const page = served.#pages.get(url.pathname);
      if (page) return answer("text/html; charset=utf-8", documentOf(page, script));
      if (url.pathname === "/page.css") return answer("text/css", STYLE);
      const file = files.get(url.pathname.slice("/s/".length));
      if (file) return answer(file.mediaType, file.bytes);
      const asset = assets[url.pathname];
      if (!asset) return answer("text/plain", "nothing here", 404);
      void served.#letThrough(url.pathname + url.search).then(() => {
        const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
        if (from === undefined) return answer(asset.type, asset.bytes);
        const [first, last] = [Number(from), to ? Number(to) : asset.bytes.length - 1];
        response.setHeader("content-range", `bytes ${first}-${last}/${asset.bytes.length}`);
        return answer(asset.type, asset.bytes.subarray(first, last + 1), 206);
      });
      return;
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const served: FilmServer = new FilmServer(
      `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    );
    return served;
  }

  /** A page of this film. */
  put(path: string, film: PageFilm): void {
    this.#pages.set(path, film);
  }

  close(): Promise<void> {
    this.held.clear();
    return this.#close();
  }

  async #letThrough(address: string): Promise<void> {
    while (this.held.has(address)) await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function documentOf(page: PageFilm, script: string): string {
  const data = JSON.stringify(page).replaceAll("<", "\\u003c");
  return `<!doctype html><html lang="${page.film.language}"><head><meta charset="utf-8"><title>For you</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/page.css"></head>
<body><main><h1>For you</h1><div id="${PLAYER_HOST_ID}"></div><p><a ${CLICK_ATTRIBUTE}="page" href="/elsewhere">Go</a></p></main>
<script type="application/json" id="${FILM_DATA_ID}">${data}</script>
<script type="module" src="/s/${script}" id="player-script"></script></body></html>`;
}

const STYLE = `html{color-scheme:light dark}body{margin:0;font:17px/1.5 system-ui;background:#eef0f4;color:#16181d}
main{max-width:1000px;margin:0 auto;padding:16px}h1{margin:8px 0 16px;font-size:24px}
#inlet-player{border-radius:14px;box-shadow:0 10px 40px rgb(20 25 40/.18)}
@media(prefers-color-scheme:dark){body{background:#101216;color:#eceef2}a{color:#9db4ff}}`;
