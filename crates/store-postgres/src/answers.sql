CREATE TABLE answers (
    inputs_id bytea NOT NULL,
    solver text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    run_id bytea NOT NULL,
    result_id bytea,
    stage text,
    problem text,
    worker text NOT NULL,
    machine text NOT NULL,
    code text NOT NULL,
    answered_at bigint NOT NULL,
    took_ns bigint NOT NULL,
    PRIMARY KEY (inputs_id, solver, number),
    UNIQUE (inputs_id, solver, worker, answered_at),
    CHECK ((result_id IS NULL) <> (problem IS NULL))
);
COMMENT ON TABLE answers IS 'samebits answers 1';

-- Work for many workers: each locks the row of the unit that it works on.
CREATE TABLE units (
    unit bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job text COLLATE "C" NOT NULL,
    day bigint NOT NULL,
    runs bytea[] NOT NULL,
    done_by text,
    done_at timestamp with time zone,
    CHECK ((done_by IS NULL) = (done_at IS NULL))
);
CREATE INDEX units_to_do ON units (job, unit) WHERE done_at IS NULL;

CREATE FUNCTION samebits_answers_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% are append-only', TG_TABLE_NAME;
END $$;

CREATE TRIGGER answers_are_final BEFORE UPDATE ON answers FOR EACH ROW EXECUTE FUNCTION samebits_answers_stay();
CREATE TRIGGER answers_stay BEFORE DELETE OR TRUNCATE ON answers FOR EACH STATEMENT EXECUTE FUNCTION samebits_answers_stay();
