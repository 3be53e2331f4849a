CREATE TABLE meta (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE blobs (
    id BLOB NOT NULL PRIMARY KEY,
    bytes BLOB NOT NULL
) STRICT;

CREATE TABLE runs (
    account TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    as_of INTEGER NOT NULL,
    run_id BLOB NOT NULL,
    inputs_id BLOB NOT NULL,
    result_id BLOB NOT NULL,
    solver TEXT NOT NULL,
    status TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    previous BLOB NOT NULL,
    link BLOB NOT NULL,
    record BLOB NOT NULL,
    PRIMARY KEY (account, sequence)
) STRICT;

CREATE UNIQUE INDEX runs_by_id ON runs (run_id);

CREATE TABLE corrections (
    account TEXT NOT NULL,
    number INTEGER NOT NULL,
    supersedes BLOB NOT NULL UNIQUE,
    run_id BLOB NOT NULL UNIQUE,
    record BLOB NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    previous BLOB NOT NULL,
    link BLOB NOT NULL,
    PRIMARY KEY (account, number)
) STRICT;

CREATE TABLE heads (
    account TEXT NOT NULL PRIMARY KEY,
    sequence INTEGER NOT NULL,
    link BLOB NOT NULL,
    corrections INTEGER NOT NULL,
    correction_link BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER runs_are_final BEFORE UPDATE OF account, sequence, as_of, run_id, inputs_id, result_id, solver, status,
    recorded_at, actor, previous, link ON runs BEGIN SELECT RAISE(ABORT, 'runs are append-only'); END;
CREATE TRIGGER runs_stay BEFORE DELETE ON runs BEGIN SELECT RAISE(ABORT, 'runs are append-only'); END;
CREATE TRIGGER blobs_are_final BEFORE UPDATE OF id ON blobs BEGIN SELECT RAISE(ABORT, 'blobs are append-only'); END;
CREATE TRIGGER blobs_stay BEFORE DELETE ON blobs BEGIN SELECT RAISE(ABORT, 'blobs are append-only'); END;
CREATE TRIGGER corrections_are_final BEFORE UPDATE OF account, number, supersedes, run_id, reason, actor, recorded_at,
    previous, link ON corrections BEGIN SELECT RAISE(ABORT, 'corrections are append-only'); END;
CREATE TRIGGER corrections_stay BEFORE DELETE ON corrections
    BEGIN SELECT RAISE(ABORT, 'corrections are append-only'); END;
CREATE TRIGGER heads_advance BEFORE UPDATE ON heads
    WHEN NEW.sequence < OLD.sequence OR NEW.corrections < OLD.corrections
      OR NEW.sequence = OLD.sequence AND NEW.corrections = OLD.corrections
    BEGIN SELECT RAISE(ABORT, 'heads only advance'); END;
CREATE TRIGGER heads_stay BEFORE DELETE ON heads BEGIN SELECT RAISE(ABORT, 'heads only advance'); END;
