export { keepsContract } from "./keeps-contract.ts";
export { runSubscriber, type SubscriberRun } from "./run-subscriber.ts";
export { openTestSystem, type SystemAnswer, type SystemRequest, type TestSystem } from "./test-system.ts";
