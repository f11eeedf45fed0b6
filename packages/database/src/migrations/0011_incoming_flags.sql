-- What the flag file says that came with a file from a remote server: kept here, in one commit with its arrival, until the
-- batch has it as a stored file.
ALTER TABLE arrivals
  ADD COLUMN flag_name text,
  ADD COLUMN flag bytea,
  ADD CHECK ((flag IS NULL) = (flag_name IS NULL));
