export { connectRemote } from "./connect.ts";
export type { Remote, RemoteFile, RemoteSource } from "./remote.ts";
