import type { NewSavedView, SavedViewChange } from "@inlet/contracts";
import type { Send } from "../transport.ts";

export const viewCalls = (send: Send) => ({
  views: async () => (await send("savedViewListSchema", "GET", "/v1/views")).views,
  saveView: (view: NewSavedView) => send("savedViewSchema", "POST", "/v1/views", view),
  changeView: (id: number, change: SavedViewChange) => send("savedViewSchema", "PATCH", `/v1/views/${id}`, change),
  deleteView: (id: number) => send("savedViewSchema", "DELETE", `/v1/views/${id}`),
});
