CREATE TABLE account (
  account    VARCHAR(12)              NOT NULL PRIMARY KEY,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE access_key (
  access_key_id VARCHAR(128)             NOT NULL PRIMARY KEY,
  secret        VARCHAR(128)             NOT NULL,
  account       VARCHAR(12)              NOT NULL REFERENCES account (account),
  role          VARCHAR(16)              NOT NULL,
  status        VARCHAR(16)              NOT NULL,
  created_at    TIMESTAMP WITH TIME ZONE NOT NULL
);
