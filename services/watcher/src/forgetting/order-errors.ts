/** The order is not ours any more. */
export class OrderLost extends Error {}

/** It has to wait for the end of a batch. */
export class WaitsForBatch extends Error {
  readonly batchId: number;

  constructor(batchId: number) {
    super(`batch ${batchId} is under way`);
    this.batchId = batchId;
  }
}
