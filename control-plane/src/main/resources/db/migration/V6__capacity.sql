-- A group's GPUs, beside its memory. What was reserved before had none.
ALTER TABLE capacity_reservation ADD COLUMN gpus INTEGER DEFAULT 0 NOT NULL;

-- How long it keeps what it was granted, at most; null where nothing bounds it.
ALTER TABLE capacity_reservation ADD COLUMN longest_seconds BIGINT;

-- Which GPU belongs to which group; the first host has those of the lowest numbers. The key is the promise: to one alone.
CREATE TABLE capacity_gpu (
  gpu_id VARCHAR(80) NOT NULL PRIMARY KEY,
  group_id VARCHAR(60) NOT NULL REFERENCES capacity_reservation (group_id) ON DELETE CASCADE,
  gpu_number INTEGER NOT NULL
);
