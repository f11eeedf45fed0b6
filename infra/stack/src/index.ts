export { buildConsole, buildPlayer } from "./browser-build.ts";
export { type DebianTool, debianTool, requireDebianTool } from "./debian-tools.ts";
export type { KeptProcess } from "./kept-process.ts";
export { choosePort } from "./ports.ts";
export { SERVICE_NAMES, type ServiceName } from "./services.ts";
export { openStack } from "./stack.ts";
export type { ReplacedPort, Stack, StackOptions } from "./stack-terms.ts";
export { openTestStack } from "./test-stack.ts";
export { waitFor } from "./wait-for.ts";
