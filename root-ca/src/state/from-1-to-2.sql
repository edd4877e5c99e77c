-- From version 1 of the tables to version 2: requests can be withdrawn.
CREATE TABLE withdrawal (
    sequence INTEGER PRIMARY KEY REFERENCES request,
    reason TEXT NOT NULL,
    ordered_by TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE TRIGGER withdrawal_stays BEFORE DELETE ON withdrawal BEGIN SELECT RAISE(ABORT, 'a withdrawal stays'); END;
CREATE TRIGGER withdrawn_is_unanswered BEFORE INSERT ON response
WHEN EXISTS (SELECT 1 FROM withdrawal WHERE sequence = new.sequence)
BEGIN SELECT RAISE(ABORT, 'a withdrawn request has no response'); END;
