export { BrokenAnswer } from "./broken-answer.ts";
export * from "./connector.ts";
export { Greatest } from "./json/greatest.ts";
export type { ItemFields, ItemPage, ItemReader } from "./json/item-page.ts";
export { openItemReader } from "./json/item-reader.ts";
export { connectorOf, openConnector } from "./open-connector.ts";
export { rest } from "./rest/rest.ts";
