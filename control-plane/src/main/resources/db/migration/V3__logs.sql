-- Which log streams there are; what they say lies in files.
CREATE TABLE log_group (
  account VARCHAR(12) NOT NULL,
  region VARCHAR(40) NOT NULL,
  group_name VARCHAR(512) NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (account, region, group_name)
);

CREATE TABLE log_stream (
  account VARCHAR(12) NOT NULL,
  region VARCHAR(40) NOT NULL,
  group_name VARCHAR(512) NOT NULL,
  stream_name VARCHAR(512) NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  closed_at TIMESTAMP WITH TIME ZONE,
  PRIMARY KEY (account, region, group_name, stream_name)
);
CREATE INDEX log_stream_open ON log_stream (closed_at);
