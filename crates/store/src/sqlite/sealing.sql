CREATE TRIGGER records_are_final BEFORE UPDATE OF record ON runs
    BEGIN SELECT RAISE(ABORT, 'runs are append-only'); END;
CREATE TRIGGER corrected_records_are_final BEFORE UPDATE OF record ON corrections
    BEGIN SELECT RAISE(ABORT, 'corrections are append-only'); END;
CREATE TRIGGER blob_bytes_are_final BEFORE UPDATE OF bytes ON blobs
    BEGIN SELECT RAISE(ABORT, 'blobs are append-only'); END;
