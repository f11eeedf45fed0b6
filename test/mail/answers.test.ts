import { afterAll, beforeAll, expect, test } from "vitest";
import { MailHub, zip } from "./hub.ts";

let hub: MailHub;
beforeAll(async () => {
  hub = await MailHub.open();
});
afterAll(() => hub?.stop());

const attachment = { attachments: [{ filename: "data.zip", content: zip("data") }] };

test("who answers our answer writes to the address that the e-mail came to", async () => {
  const own = await hub.client({ address: "spring.data" });
  await own.send(attachment, { to: ["files@hub.example", "Spring.Data@HUB.example"] });
  await own.send({}, { to: ["spring.data@hub.example"] });
  expect((await hub.mails(own.projectId)).map(({ to_address }) => to_address)).toEqual([
    "spring.data@hub.example",
    "spring.data@hub.example",
  ]);
  expect(await hub.messages(own.projectId)).toMatchObject([
    { payload: { answered: { to: "spring.data@hub.example" } } },
  ]);

  const shared = await hub.client();
  await shared.send(attachment);
  expect(await hub.mails(shared.projectId)).toMatchObject([{ to_address: "files@hub.example" }]);
});

test("a machine that answers every refusal, and does not say that it is one, is left without an answer", async () => {
  const client = await hub.client();
  const codes: number[] = [];
  for (let n = 0; n < 12; n += 1) codes.push((await client.send({ subject: "Re: Re:" })).code);
  expect(codes).toEqual([...Array(10).fill(250), 550, 550]);
  expect(await hub.messages(client.projectId)).toHaveLength(10);
  expect(await hub.mails(client.projectId)).toHaveLength(12);
  expect(await hub.audited(client.from)).toMatchObject({ code: "no_attachment", answered: false });

  // Its files are taken all the same, and an hour later it is told again.
  expect((await client.send(attachment)).code).toBe(250);
  await hub.database.pool.query("UPDATE mails SET received_at = received_at - interval '61 minutes'");
  expect((await client.send()).code).toBe(250);
  expect(await hub.messages(client.projectId)).toHaveLength(11);
});
