-- The tables of format 1, as it was released. Never change this file.
CREATE TABLE journal (
    name text COLLATE "C" NOT NULL PRIMARY KEY,
    value text NOT NULL
);
CREATE TABLE replicas (
    id text COLLATE "C" NOT NULL PRIMARY KEY,
    seen double precision NOT NULL,
    last_commit bigint NOT NULL
) WITH (fillfactor = 50);
CREATE TABLE claims (
    rotation text COLLATE "C" NOT NULL PRIMARY KEY,
    holder text,
    epoch bigint NOT NULL,
    until double precision NOT NULL
) WITH (fillfactor = 50);
CREATE TABLE rotations (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    credential text COLLATE "C" NOT NULL,
    number integer NOT NULL,
    is_open boolean NOT NULL,
    state bytea,
    state_number integer NOT NULL,
    head bytea NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX rotations_of_credential ON rotations (credential, seq);
CREATE INDEX rotations_open ON rotations (seq) WHERE is_open;
CREATE TABLE events (
    rotation bigint NOT NULL,
    number integer NOT NULL,
    event bytea NOT NULL,
    digest bytea NOT NULL,
    PRIMARY KEY (rotation, number)
);
CREATE TABLE inbox (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lane text COLLATE "C" NOT NULL,
    event text COLLATE "C" NOT NULL,
    type text NOT NULL,
    rotation text COLLATE "C",
    body bytea NOT NULL,
    user_id text,
    is_urgent boolean NOT NULL,
    received_at double precision NOT NULL,
    replica text COLLATE "C" NOT NULL,
    UNIQUE (lane, event)
);
CREATE INDEX inbox_of_replica ON inbox (replica, seq);
CREATE INDEX inbox_of_rotation ON inbox (rotation) WHERE rotation IS NOT NULL;
CREATE TABLE handled (
    lane text COLLATE "C" NOT NULL,
    event text COLLATE "C" NOT NULL,
    at double precision NOT NULL,
    PRIMARY KEY (lane, event)
);
CREATE INDEX handled_at ON handled (at);
CREATE TABLE outbox (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event text COLLATE "C" NOT NULL UNIQUE,
    type text NOT NULL,
    rotation text COLLATE "C",
    body bytea NOT NULL,
    must_arrive boolean NOT NULL,
    is_urgent boolean NOT NULL,
    created_at double precision NOT NULL,
    replica text COLLATE "C" NOT NULL,
    since double precision NOT NULL DEFAULT extract(epoch FROM clock_timestamp())
);
CREATE INDEX outbox_of_replica ON outbox (replica, seq);
CREATE INDEX outbox_of_rotation ON outbox (rotation, seq) WHERE rotation IS NOT NULL;
CREATE TABLE announced (
    event text COLLATE "C" NOT NULL PRIMARY KEY,
    at double precision NOT NULL
);
CREATE INDEX announced_at ON announced (at);
CREATE TABLE timers (
    rotation text COLLATE "C" NOT NULL,
    lane text COLLATE "C" NOT NULL,
    due_at double precision NOT NULL,
    is_urgent boolean NOT NULL,
    PRIMARY KEY (rotation, lane)
);
CREATE INDEX timers_due ON timers (due_at, rotation, lane);
CREATE TABLE credentials (
    id text COLLATE "C" NOT NULL PRIMARY KEY,
    record bytea NOT NULL,
    sequence bigint NOT NULL,
    rotated_at double precision
);
CREATE TABLE debts (
    credential text COLLATE "C" NOT NULL,
    account text COLLATE "C" NOT NULL,
    debt bytea NOT NULL,
    is_paid boolean NOT NULL,
    PRIMARY KEY (credential, account)
);
