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

CREATE TABLE heads (
    account TEXT NOT NULL PRIMARY KEY,
    sequence INTEGER NOT NULL,
    link BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER runs_are_final BEFORE UPDATE ON runs BEGIN SELECT RAISE(ABORT, 'runs are append-only'); END;
CREATE TRIGGER runs_stay BEFORE DELETE ON runs BEGIN SELECT RAISE(ABORT, 'runs are append-only'); END;
CREATE TRIGGER blobs_are_final BEFORE UPDATE ON blobs BEGIN SELECT RAISE(ABORT, 'blobs are append-only'); END;
CREATE TRIGGER blobs_stay BEFORE DELETE ON blobs BEGIN SELECT RAISE(ABORT, 'blobs are append-only'); END;
CREATE TRIGGER heads_stay BEFORE DELETE ON heads BEGIN SELECT RAISE(ABORT, 'heads only advance'); END;
