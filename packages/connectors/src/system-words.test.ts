import { expect, test } from "vitest";
import { openSecrets } from "./secrets.ts";
import { systemWords } from "./system-words.ts";

const answer = (body: string, type = "application/json") => ({
  status: 400,
  headers: { "content-type": type },
  cookies: [],
  body: Buffer.from(body),
  durationMs: 1,
});

test("a secret is taken out before words are cut short and their blanks are made one", async () => {
  const secrets = openSecrets(async () => `key  with two blanks ${"0123456789".repeat(40)}`);
  const secret = await secrets.get("key");
  const said = `no such key: ${secret}, sorry`;
  for (const body of [JSON.stringify({ error: { message: said } }), JSON.stringify({ detail: said })])
    expect(systemWords(answer(body), secrets.conceal)).toBe("no such key: …, sorry");
  expect(systemWords(answer(said, "text/plain"), secrets.conceal)).toBe("no such key: …, sorry");
});
