// For killed-run.test.ts: a lasting stack without services, until the parent disconnects.
import { openStack } from "./stack.ts";

const [, , stateFolder = ""] = process.argv;
const stack = await openStack({ stateFolder, services: [] });
process.send?.("open");
process.on("disconnect", () => void stack.stop().then(() => process.exit(0)));
