-- The memory of the machine: who has it, and who waits for it in which order.
CREATE TABLE capacity_reservation (
  group_id VARCHAR(60) NOT NULL PRIMARY KEY,
  ticket BIGINT NOT NULL UNIQUE,
  memory_mebibytes BIGINT NOT NULL,
  requested_at TIMESTAMP WITH TIME ZONE NOT NULL,
  granted_at TIMESTAMP WITH TIME ZONE
);

-- One row. Whoever changes reservations updates it first: a lock over the table, and the next ticket.
CREATE TABLE capacity_ledger (
  id INTEGER NOT NULL PRIMARY KEY,
  next_ticket BIGINT NOT NULL
);
INSERT INTO capacity_ledger (id, next_ticket) VALUES (1, 1);

CREATE TABLE training_job (
  account VARCHAR(12) NOT NULL,
  region VARCHAR(40) NOT NULL,
  name VARCHAR(63) NOT NULL,
  group_id VARCHAR(60) NOT NULL UNIQUE,
  request VARCHAR NOT NULL,
  state_kind VARCHAR(32) NOT NULL,
  state VARCHAR NOT NULL,
  -- As the API shows them, for lists.
  status VARCHAR(32) NOT NULL,
  secondary_status VARCHAR(32) NOT NULL,
  training_ended_at TIMESTAMP WITH TIME ZONE,
  -- Ended, and nothing of it is left at the runtime or in the capacity's books.
  settled BOOLEAN NOT NULL,
  version BIGINT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  modified_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (account, region, name)
);
CREATE INDEX training_job_settled ON training_job (settled);
CREATE INDEX training_job_created ON training_job (account, region, created_at, name);

-- Every secondary status that a job has gone through.
CREATE TABLE training_job_transition (
  account VARCHAR(12) NOT NULL,
  region VARCHAR(40) NOT NULL,
  name VARCHAR(63) NOT NULL,
  ordinal INTEGER NOT NULL,
  status VARCHAR(32) NOT NULL,
  message VARCHAR(2048) NOT NULL,
  started_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ended_at TIMESTAMP WITH TIME ZONE,
  PRIMARY KEY (account, region, name, ordinal)
);

-- The last value of each metric, and how far each host's log has been searched for them.
CREATE TABLE training_job_metric (
  account VARCHAR(12) NOT NULL,
  region VARCHAR(40) NOT NULL,
  name VARCHAR(63) NOT NULL,
  metric VARCHAR(255) NOT NULL,
  metric_value DOUBLE PRECISION NOT NULL,
  measured_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (account, region, name, metric)
);

CREATE TABLE training_job_log_position (
  account VARCHAR(12) NOT NULL,
  region VARCHAR(40) NOT NULL,
  name VARCHAR(63) NOT NULL,
  host VARCHAR(63) NOT NULL,
  log_offset BIGINT NOT NULL,
  PRIMARY KEY (account, region, name, host)
);
