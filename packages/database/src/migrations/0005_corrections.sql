-- A mended error file that came back is a batch of its own, which stands in for the one that it corrects.

-- `corrects`: the batch whose error file came back. `original`: the one at the beginning of such a row of corrections; a
-- correction counts as old as that, where it matters which of two files is the newer one.
ALTER TABLE batches
  ADD COLUMN corrects bigint REFERENCES batches ON DELETE SET NULL CHECK (corrects < id),
  ADD COLUMN original bigint REFERENCES batches ON DELETE SET NULL CHECK (original < id);
CREATE INDEX batches_by_original ON batches (original) WHERE original IS NOT NULL;
CREATE INDEX batches_by_corrected ON batches (corrects) WHERE corrects IS NOT NULL;
