export { errorFileName } from "./error-file-name.ts";
export { loadHooks } from "./load-hooks.ts";
export { type CameIn, openSent, type Sent } from "./open-sent.ts";
export { type Plain, storeInner } from "./plain.ts";
export { projectRules } from "./project-rules.ts";
export { openReferences } from "./references.ts";
export type { OpeningParts, SentWork } from "./sent-work.ts";
export { peekedSource, sourceOf } from "./stored-source.ts";
