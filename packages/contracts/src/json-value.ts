import { z } from "zod";

/** Any JSON. Registered under a name, because it refers to itself: the API's description cannot tell of it otherwise. */
export const jsonValueSchema = z.json().register(z.globalRegistry, { id: "JsonValue" });
