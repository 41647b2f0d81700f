-- Models: what a container serves. The request is the whole resource.
CREATE TABLE model (
  account VARCHAR(12) NOT NULL,
  region VARCHAR(32) NOT NULL,
  name VARCHAR(63) NOT NULL,
  request VARCHAR NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (account, region, name)
);

-- Endpoint configurations: immutable, too.
CREATE TABLE endpoint_config (
  account VARCHAR(12) NOT NULL,
  region VARCHAR(32) NOT NULL,
  name VARCHAR(63) NOT NULL,
  request VARCHAR NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (account, region, name)
);

-- Endpoints. The generation is the one that is wanted; instances of others give way to it.
CREATE TABLE endpoint (
  account VARCHAR(12) NOT NULL,
  region VARCHAR(32) NOT NULL,
  name VARCHAR(63) NOT NULL,
  request VARCHAR NOT NULL,
  generation BIGINT NOT NULL,
  state_kind VARCHAR(32) NOT NULL,
  state VARCHAR NOT NULL,
  version BIGINT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  modified_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (account, region, name)
);

-- What a generation runs, copied from the configuration and its models when it was asked for:
-- these may be deleted while the endpoint goes on and replaces instances.
CREATE TABLE endpoint_generation (
  account VARCHAR(12) NOT NULL,
  region VARCHAR(32) NOT NULL,
  endpoint VARCHAR(63) NOT NULL,
  generation BIGINT NOT NULL,
  config_name VARCHAR(63) NOT NULL,
  variants VARCHAR NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (account, region, endpoint, generation)
);

-- How many instances of a variant are wanted, and its share of the traffic: kept nowhere else.
CREATE TABLE endpoint_capacity (
  account VARCHAR(12) NOT NULL,
  region VARCHAR(32) NOT NULL,
  endpoint VARCHAR(63) NOT NULL,
  variant VARCHAR(63) NOT NULL,
  desired_count INTEGER NOT NULL,
  weight DOUBLE PRECISION NOT NULL,
  PRIMARY KEY (account, region, endpoint, variant)
);

-- Every instance, from before it is started until after it is gone.
CREATE TABLE endpoint_instance (
  account VARCHAR(12) NOT NULL,
  region VARCHAR(32) NOT NULL,
  endpoint VARCHAR(63) NOT NULL,
  instance_id VARCHAR(32) NOT NULL,
  variant VARCHAR(63) NOT NULL,
  generation BIGINT NOT NULL,
  group_id VARCHAR(60) NOT NULL UNIQUE,
  state_kind VARCHAR(32) NOT NULL,
  state VARCHAR NOT NULL,
  version BIGINT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (account, region, endpoint, instance_id)
);
