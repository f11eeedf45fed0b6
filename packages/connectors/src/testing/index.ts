export type { Asked, Fault, FaultPlace, Faults } from "./faults.ts";
export { type IntactIq, type IntactIqOptions, type IntactObject, startIntactIq } from "./intact-iq.ts";
export type { RecordedRequest } from "./listening.ts";
export type { Row } from "./odata.ts";
export { type ServiceLayer, type ServiceLayerOptions, startServiceLayer } from "./service-layer.ts";
