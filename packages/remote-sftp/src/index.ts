export { connectRemote } from "./connect.ts";
export { openRemoteNetwork, type RemoteNetwork } from "./network.ts";
export type { Remote, RemoteFile } from "./remote.ts";
export type { RemoteSource } from "./transfer.ts";
