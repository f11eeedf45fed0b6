import { main, openService } from "@inlet/runtime";
import { env as readEnv } from "./env.ts";
import { openGateway } from "./gateway.ts";

await main(async () => {
  const env = readEnv();
  const service = await openService("mail-gateway", env);
  await openGateway(service, env);
});
