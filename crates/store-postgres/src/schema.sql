CREATE TABLE meta (
    key text PRIMARY KEY,
    value text NOT NULL
);

-- The bytes are compressed already: the database keeps them as they are.
CREATE TABLE blobs (
    position bigint GENERATED ALWAYS AS IDENTITY,
    id bytea PRIMARY KEY,
    bytes bytea NOT NULL
);
ALTER TABLE blobs ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- Names are ordered by their bytes, as in every other database.
CREATE TABLE runs (
    position bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    account text COLLATE "C" NOT NULL,
    sequence bigint NOT NULL,
    as_of bigint NOT NULL,
    run_id bytea NOT NULL UNIQUE,
    inputs_id bytea NOT NULL,
    result_id bytea NOT NULL,
    solver text NOT NULL,
    status text NOT NULL,
    recorded_at bigint NOT NULL,
    actor text NOT NULL,
    previous bytea NOT NULL,
    link bytea NOT NULL,
    record bytea NOT NULL,
    PRIMARY KEY (account, sequence)
);
ALTER TABLE runs ALTER COLUMN record SET STORAGE EXTERNAL;
CREATE INDEX runs_by_day ON runs (as_of DESC, account, sequence);

CREATE TABLE corrections (
    account text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    supersedes bytea NOT NULL UNIQUE,
    run_id bytea NOT NULL UNIQUE,
    record bytea NOT NULL,
    reason text NOT NULL,
    actor text NOT NULL,
    recorded_at bigint NOT NULL,
    previous bytea NOT NULL,
    link bytea NOT NULL,
    PRIMARY KEY (account, number)
);
ALTER TABLE corrections ALTER COLUMN record SET STORAGE EXTERNAL;

-- Every append to an account locks its row here first, and then changes it: half of each page is left for that.
CREATE TABLE heads (
    account text COLLATE "C" PRIMARY KEY,
    sequence bigint NOT NULL,
    link bytea NOT NULL,
    corrections bigint NOT NULL,
    correction_link bytea NOT NULL
) WITH (fillfactor = 50);

CREATE FUNCTION samebits_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% are append-only', TG_TABLE_NAME;
END $$;

-- Bytes of records and blobs are replaced in transactions that say so, and in no other.
CREATE FUNCTION samebits_refuse_bytes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('samebits.replacing', true), '') <> 'on' THEN
        RAISE EXCEPTION '% are append-only', TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION samebits_advance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'heads only advance';
END $$;

CREATE TRIGGER runs_are_final BEFORE UPDATE OF position, account, sequence, as_of, run_id, inputs_id, result_id, solver,
    status, recorded_at, actor, previous, link ON runs FOR EACH ROW EXECUTE FUNCTION samebits_refuse();
CREATE TRIGGER records_are_final BEFORE UPDATE OF record ON runs FOR EACH ROW EXECUTE FUNCTION samebits_refuse_bytes();
CREATE TRIGGER runs_stay BEFORE DELETE OR TRUNCATE ON runs FOR EACH STATEMENT EXECUTE FUNCTION samebits_refuse();
CREATE TRIGGER blobs_are_final BEFORE UPDATE OF position, id ON blobs FOR EACH ROW EXECUTE FUNCTION samebits_refuse();
CREATE TRIGGER blob_bytes_are_final BEFORE UPDATE OF bytes ON blobs
    FOR EACH ROW EXECUTE FUNCTION samebits_refuse_bytes();
CREATE TRIGGER blobs_stay BEFORE DELETE OR TRUNCATE ON blobs FOR EACH STATEMENT EXECUTE FUNCTION samebits_refuse();
CREATE TRIGGER corrections_are_final BEFORE UPDATE OF account, number, supersedes, run_id, reason, actor, recorded_at,
    previous, link ON corrections FOR EACH ROW EXECUTE FUNCTION samebits_refuse();
CREATE TRIGGER corrected_records_are_final BEFORE UPDATE OF record ON corrections
    FOR EACH ROW EXECUTE FUNCTION samebits_refuse_bytes();
CREATE TRIGGER corrections_stay BEFORE DELETE OR TRUNCATE ON corrections
    FOR EACH STATEMENT EXECUTE FUNCTION samebits_refuse();
CREATE TRIGGER heads_advance BEFORE UPDATE ON heads FOR EACH ROW
    WHEN (NEW.sequence < OLD.sequence OR NEW.corrections < OLD.corrections
       OR NEW.sequence = OLD.sequence AND NEW.corrections = OLD.corrections)
    EXECUTE FUNCTION samebits_advance();
CREATE TRIGGER heads_stay BEFORE DELETE OR TRUNCATE ON heads FOR EACH STATEMENT EXECUTE FUNCTION samebits_advance();

-- For queries: the columns of a Run as one document, ids in hexadecimal.
CREATE VIEW runs_json AS
SELECT runs.account, runs.sequence, date '1970-01-01' + runs.as_of::integer AS as_of, jsonb_build_object(
    'account', runs.account,
    'sequence', runs.sequence,
    'as_of', date '1970-01-01' + runs.as_of::integer,
    'run_id', encode(runs.run_id, 'hex'),
    'inputs_id', encode(runs.inputs_id, 'hex'),
    'result_id', encode(runs.result_id, 'hex'),
    'solver', runs.solver,
    'status', runs.status,
    'recorded_at', runs.recorded_at,
    'actor', runs.actor,
    'previous', encode(runs.previous, 'hex'),
    'link', encode(runs.link, 'hex'),
    'record_bytes', length(runs.record),
    'superseded_by', encode(corrections.run_id, 'hex')
) AS run
FROM runs LEFT JOIN corrections ON corrections.supersedes = runs.run_id;
