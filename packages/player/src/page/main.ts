// The script of a page with a film: puts the player where the page says, and tells the server what became of it.
import type { PageEvent } from "@inlet/contracts";
import { openPlayer } from "../open-player.ts";
import type { Player } from "../player-terms.ts";
import { CLICK_ATTRIBUTE, FILM_DATA_ID, type PageFilm, PLAYER_HOST_ID } from "./page-data.ts";
import { sendEvent } from "./send-event.ts";

const data = document.getElementById(FILM_DATA_ID)?.textContent;
const host = document.getElementById(PLAYER_HOST_ID);
/** The page's player, for tests and for pages that steer it. */
export const player: Player | undefined = data && host ? openIn(JSON.parse(data) as PageFilm, host) : undefined;
export { openPlayer };

function openIn({ film, words, assets, poster, autoplay, captions, events }: PageFilm, host: HTMLElement): Player {
  const view = drawView();
  const tell = (event: Omit<PageEvent, "view">) => {
    if (events) sendEvent(events.url, { view, ...event });
  };
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest?.(`[${CLICK_ATTRIBUTE}]`);
    if (link) tell({ kind: "click", detail: link.getAttribute(CLICK_ATTRIBUTE) ?? "" });
  });
  const assetUrl = ({ sha256 }: { sha256: string }) => assets[sha256] ?? "";
  return openPlayer(host, { film, words, assetUrl, poster, autoplay, captions, onEvent: tell });
}

/** Tells this opening of the page from others, while it is open. */
function drawView(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
