export { connectRemote } from "./connect.ts";
export type { Remote, RemoteFile } from "./remote.ts";
export type { RemoteSource } from "./transfer.ts";
