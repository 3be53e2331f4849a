CREATE TABLE answers (
    inputs_id BLOB NOT NULL,
    solver TEXT NOT NULL,
    number INTEGER NOT NULL,
    run_id BLOB NOT NULL,
    result_id BLOB,
    stage TEXT,
    problem TEXT,
    worker TEXT NOT NULL,
    machine TEXT NOT NULL,
    code TEXT NOT NULL,
    answered_at INTEGER NOT NULL,
    took_ns INTEGER NOT NULL,
    PRIMARY KEY (inputs_id, solver, number),
    UNIQUE (inputs_id, solver, worker, answered_at),
    CHECK ((result_id IS NULL) <> (problem IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TRIGGER answers_are_final BEFORE UPDATE ON answers BEGIN SELECT RAISE(ABORT, 'answers are append-only'); END;
CREATE TRIGGER answers_stay BEFORE DELETE ON answers BEGIN SELECT RAISE(ABORT, 'answers are append-only'); END;
