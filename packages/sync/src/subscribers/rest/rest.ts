import { defineSubscriber } from "../../subscriber.ts";
import { openRest } from "./open-rest.ts";
import { allItems, changedItems } from "./read-items.ts";
import { putItem, removeItem } from "./send-item.ts";
import { restSettingsSchema } from "./settings.ts";

/** Any system with a REST API, described in the profile alone. */
export const rest = defineSubscriber({
  name: "rest",
  settings: restSettingsSchema,
  secrets: ["secret?"],
  open: openRest,
  push: putItem,
  remove: removeItem,
  pull: (cursor, context) => changedItems(context, cursor),
  list: (cursor, context) => allItems(context, cursor),
});
