-- The access keys of instances: each belongs to one host of an instance group, and goes with it.
CREATE TABLE instance_key (
  access_key_id VARCHAR(128)             NOT NULL PRIMARY KEY,
  secret        VARCHAR(128)             NOT NULL,
  account       VARCHAR(12)              NOT NULL REFERENCES account (account),
  group_id      VARCHAR(60)              NOT NULL,
  host          VARCHAR(64)              NOT NULL,
  -- What of the object store it may touch, as JSON.
  scope         VARCHAR                  NOT NULL,
  created_at    TIMESTAMP WITH TIME ZONE NOT NULL,
  UNIQUE (group_id, host)
);
