import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeRejected, RejectedEncoder } from "./rejected.ts";

it("gives back every rising list, however its bytes are cut", async () => {
  const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 2 ** 40 }), { maxLength: 300 });
  await fc.assert(
    fc.asyncProperty(numbers, fc.integer({ min: 1, max: 20 }), async (list, size) => {
      const rising = list.sort((a, b) => a - b);
      const encoder = new RejectedEncoder();
      const chunks: Buffer[] = [];
      for (const [i, number] of rising.entries()) {
        encoder.add(number);
        if (i % 7 === 0) chunks.push(encoder.take());
      }
      chunks.push(encoder.take());
      const bytes = Buffer.concat(chunks);
      const cut = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      const decoded: number[] = [];
      for await (const number of decodeRejected(cut)) decoded.push(number);
      expect(decoded).toEqual(rising);
    }),
  );
});

it("takes one byte for each record of a run, and notices a file that is cut off", async () => {
  const encoder = new RejectedEncoder();
  for (let record = 1; record <= 10_000; record += 1) encoder.add(record);
  expect(encoder.take()).toHaveLength(10_000);
  const read = async () => {
    for await (const _ of decodeRejected([Buffer.from([0x85])]));
  };
  await expect(read()).rejects.toMatchObject({ code: "rejected_damaged" });
});
