export { openRemoteNetwork, type RemoteNetwork, type ResolvedAddress } from "./network.ts";
