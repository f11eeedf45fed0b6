-- Which label of its file means which column, as a person chose it when it was uploaded; null: nobody did.
ALTER TABLE arrivals ADD COLUMN mapping jsonb;
ALTER TABLE batches ADD COLUMN mapping jsonb;
