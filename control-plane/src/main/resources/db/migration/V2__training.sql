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
