-- The state of an offline root. Times are seconds since 1970-01-01T00:00:00Z; names and keys are DER.
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE key (
    generation INTEGER PRIMARY KEY CHECK (generation > 0),
    spki BLOB NOT NULL UNIQUE,
    name BLOB NOT NULL,
    reference TEXT NOT NULL,
    status TEXT NOT NULL,
    created INTEGER NOT NULL,
    restore_tested INTEGER
) STRICT;

-- What is about to be signed. Its serial or CRL number is used up whether or not a signature is ever made.
CREATE TABLE intent (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    object TEXT NOT NULL,
    issuer INTEGER NOT NULL REFERENCES key,
    serial BLOB UNIQUE,
    crl_name BLOB,
    crl_number INTEGER,
    tbs_sha256 BLOB NOT NULL,
    opened INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'open',
    closed INTEGER,
    reason TEXT,
    UNIQUE (crl_name, crl_number),
    CHECK ((serial IS NULL) <> (crl_number IS NULL))
) STRICT;

CREATE TABLE certificate (
    serial BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    issuer INTEGER NOT NULL REFERENCES key,
    subject BLOB NOT NULL,
    spki BLOB NOT NULL,
    not_before INTEGER NOT NULL,
    not_after INTEGER NOT NULL,
    der BLOB NOT NULL,
    issued INTEGER NOT NULL,
    policy_oid TEXT,
    output TEXT NOT NULL,
    intent INTEGER NOT NULL UNIQUE REFERENCES intent
) STRICT;
CREATE INDEX certificate_key ON certificate (spki);

-- One series of numbers for each issuer name, whatever keys it has.
CREATE TABLE crl_series (name BLOB PRIMARY KEY, last INTEGER NOT NULL) STRICT;

CREATE TABLE crl (
    name BLOB NOT NULL REFERENCES crl_series,
    number INTEGER NOT NULL,
    issuer INTEGER NOT NULL REFERENCES key,
    this_update INTEGER NOT NULL,
    next_update INTEGER NOT NULL,
    next_publish INTEGER,
    der BLOB,
    sha256 BLOB NOT NULL,
    signed INTEGER NOT NULL,
    destroyed INTEGER,
    output TEXT NOT NULL,
    intent INTEGER NOT NULL UNIQUE REFERENCES intent,
    PRIMARY KEY (name, number)
) STRICT;

CREATE TABLE revocation (
    serial BLOB PRIMARY KEY REFERENCES certificate,
    date INTEGER NOT NULL,
    reason TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    accepted INTEGER NOT NULL,
    crl_signed INTEGER
) STRICT;

CREATE TABLE request (
    sequence INTEGER PRIMARY KEY,
    nonce BLOB NOT NULL UNIQUE,
    digest BLOB NOT NULL UNIQUE,
    admitted INTEGER NOT NULL
) STRICT;

-- Requests that will have no response. Their numbers and nonces stay used.
CREATE TABLE withdrawal (
    sequence INTEGER PRIMARY KEY REFERENCES request,
    reason TEXT NOT NULL,
    ordered_by TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE response (
    sequence INTEGER PRIMARY KEY REFERENCES request,
    digest BLOB NOT NULL UNIQUE,
    checkpoint TEXT NOT NULL,
    recorded INTEGER NOT NULL
) STRICT;

CREATE TABLE incident (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key INTEGER NOT NULL REFERENCES key,
    step TEXT NOT NULL,
    opened INTEGER NOT NULL,
    judged_by TEXT NOT NULL
) STRICT;
CREATE TABLE incident_step (
    incident INTEGER NOT NULL REFERENCES incident,
    step TEXT NOT NULL,
    at INTEGER NOT NULL,
    evidence TEXT NOT NULL,
    PRIMARY KEY (incident, step)
) STRICT;

CREATE TABLE destruction (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    generation INTEGER NOT NULL REFERENCES key,
    copy TEXT NOT NULL,
    at INTEGER NOT NULL,
    approvals TEXT NOT NULL,
    UNIQUE (generation, copy)
) STRICT;

-- Audit events of committed changes on their way to the log.
CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, notice TEXT NOT NULL) STRICT;

-- What is final stays, whatever a program tries.
CREATE TRIGGER certificate_stays BEFORE DELETE ON certificate BEGIN SELECT RAISE(ABORT, 'a certificate stays'); END;
CREATE TRIGGER certificate_is_final BEFORE UPDATE ON certificate BEGIN SELECT RAISE(ABORT, 'a certificate is final'); END;
CREATE TRIGGER crl_stays BEFORE DELETE ON crl BEGIN SELECT RAISE(ABORT, 'the row of a CRL stays'); END;
CREATE TRIGGER crl_is_final BEFORE UPDATE OF name, number, issuer, this_update, next_update, sha256, signed ON crl
BEGIN SELECT RAISE(ABORT, 'a CRL is final'); END;
CREATE TRIGGER revocation_stays BEFORE DELETE ON revocation BEGIN SELECT RAISE(ABORT, 'a revocation stays'); END;
CREATE TRIGGER revocation_is_final BEFORE UPDATE OF serial, date, reason, requested_by, accepted ON revocation
BEGIN SELECT RAISE(ABORT, 'a revocation is final'); END;
CREATE TRIGGER intent_stays BEFORE DELETE ON intent BEGIN SELECT RAISE(ABORT, 'an intent stays'); END;
CREATE TRIGGER intent_is_closed_once BEFORE UPDATE ON intent WHEN old.state <> 'open'
BEGIN SELECT RAISE(ABORT, 'an intent is closed once'); END;
CREATE TRIGGER crl_series_rises BEFORE UPDATE ON crl_series WHEN new.last <= old.last OR new.name <> old.name
BEGIN SELECT RAISE(ABORT, 'CRL numbers rise'); END;
CREATE TRIGGER withdrawal_stays BEFORE DELETE ON withdrawal BEGIN SELECT RAISE(ABORT, 'a withdrawal stays'); END;
CREATE TRIGGER withdrawn_is_unanswered BEFORE INSERT ON response
WHEN EXISTS (SELECT 1 FROM withdrawal WHERE sequence = new.sequence)
BEGIN SELECT RAISE(ABORT, 'a withdrawn request has no response'); END;
CREATE TRIGGER crl_series_stays BEFORE DELETE ON crl_series BEGIN SELECT RAISE(ABORT, 'a series stays'); END;
