-- Format 9: campaigns over time, as sqlite_9.sql tells it.

ALTER TABLE decisions DROP CONSTRAINT decisions_outcome_check;
ALTER TABLE decisions ADD CONSTRAINT decisions_outcome_check CHECK (outcome IN
  ('granted', 'waitlisted', 'held_out', 'too_late', 'over_limit', 'insufficient_balance',
   'out_of_stock', 'over_budget', 'claimed', 'unknown', 'reversed', 'already_claimed',
   'other_choice', 'too_early', 'expired', 'not_offered', 'already_inside', 'partly_reversed',
   'kept', 'of_another', 'names_nothing', 'already_reversed', 'nothing_due', 'reached',
   'left', 'paused', 'counted'));
CREATE INDEX spent ON decisions (campaign, at) WHERE outcome = 'granted';

ALTER TABLE amendments DROP CONSTRAINT amendments_kind_check;
ALTER TABLE amendments DROP CONSTRAINT amendments_check;
ALTER TABLE amendments ADD CONSTRAINT amendments_kind_check
  CHECK (kind IN ('reversed', 'served', 'claimed', 'lapsed', 'redeemed', 'expired', 'reduced'));
ALTER TABLE amendments ADD CHECK ((settles < 0) = (kind IN ('reversed', 'served', 'reduced')));

CREATE TABLE reductions (
  entry    BIGINT NOT NULL,
  decision BIGINT NOT NULL,
  line     INTEGER NOT NULL,
  units    BIGINT NOT NULL CHECK (units <> 0),
  cost     BIGINT NOT NULL CHECK (cost >= 0),
  PRIMARY KEY (entry, line)
);
CREATE INDEX reductions_of ON reductions (decision, line);

CREATE TABLE rewound_reductions (
  LIKE reductions, rewind BIGINT NOT NULL, PRIMARY KEY (entry, line));

CREATE FUNCTION reductions_leave() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM rewound_reductions AS gone
    WHERE gone.entry = OLD.entry AND gone.line = OLD.line) THEN
    RAISE EXCEPTION 'an entry of the ledger is never changed and never deleted';
  END IF;
  RETURN OLD;
END$$;

CREATE TRIGGER reductions_stand BEFORE UPDATE ON reductions
  FOR EACH ROW EXECUTE FUNCTION stands();
CREATE TRIGGER reductions_stay BEFORE DELETE ON reductions
  FOR EACH ROW EXECUTE FUNCTION reductions_leave();
CREATE TRIGGER reductions_whole BEFORE TRUNCATE ON reductions EXECUTE FUNCTION stands();
CREATE TRIGGER rewound_reductions_stand BEFORE UPDATE OR DELETE ON rewound_reductions
  FOR EACH ROW EXECUTE FUNCTION stands();
CREATE TRIGGER rewound_reductions_whole BEFORE TRUNCATE ON rewound_reductions
  EXECUTE FUNCTION stands();

CREATE TABLE reversals (
  campaign TEXT COLLATE "C" NOT NULL,
  key      TEXT COLLATE "C" NOT NULL,
  entry    BIGINT NOT NULL,
  customer TEXT COLLATE "C" NOT NULL,
  at       TEXT COLLATE "C" NOT NULL,
  part     TEXT COLLATE "C",
  PRIMARY KEY (campaign, key, entry)
);

CREATE TABLE pattern_events (
  campaign TEXT COLLATE "C" NOT NULL,
  key      TEXT COLLATE "C" NOT NULL,
  decision BIGINT NOT NULL,
  PRIMARY KEY (campaign, key, decision)
);

-- The kept steps of journeys, as sqlite_9.sql tells it.

CREATE TABLE journeys (
  campaign   TEXT COLLATE "C" NOT NULL,
  customer   TEXT COLLATE "C" NOT NULL,
  occurrence TEXT COLLATE "C" NOT NULL,
  step       TEXT COLLATE "C" NOT NULL,
  decision   BIGINT NOT NULL,
  PRIMARY KEY (campaign, customer, occurrence, step)
);

CREATE TABLE offsets (
  source     TEXT COLLATE "C" NOT NULL,
  part       INTEGER NOT NULL,
  next       BIGINT NOT NULL,
  remembered BIGINT NOT NULL CHECK (remembered <= next),
  PRIMARY KEY (source, part)
);

CREATE TABLE codes (
  id       BIGINT PRIMARY KEY,
  benefit  TEXT NOT NULL,
  code     TEXT NOT NULL UNIQUE,
  state    TEXT NOT NULL CHECK (state IN ('free', 'given', 'withdrawn', 'burnt')),
  decision BIGINT,
  line     INTEGER,
  CHECK ((decision IS NULL) = (state IN ('free', 'withdrawn')))
);

CREATE INDEX free_codes ON codes (benefit, id) WHERE state = 'free';
CREATE UNIQUE INDEX given_codes ON codes (decision, line) WHERE state = 'given';

-- Campaigns that were paused, resumed or stopped: `turn` counts a campaign's entries. `brake` is the
-- condition of a pause that came by itself, `day` the day whose spend it was.
CREATE TABLE brakes (
  id       BIGINT PRIMARY KEY,
  campaign TEXT COLLATE "C" NOT NULL,
  turn     INTEGER NOT NULL,
  kind     TEXT NOT NULL CHECK (kind IN ('paused', 'resumed', 'stopped')),
  at       TEXT COLLATE "C" NOT NULL,
  reason   TEXT NOT NULL,
  author   TEXT NOT NULL,
  brake    TEXT,
  day      TEXT,
  previous BYTEA NOT NULL,
  UNIQUE (campaign, turn)
);

CREATE TRIGGER brakes_stand BEFORE UPDATE OR DELETE ON brakes
  FOR EACH ROW EXECUTE FUNCTION stands();
CREATE TRIGGER brakes_whole BEFORE TRUNCATE ON brakes EXECUTE FUNCTION stands();

-- Deliveries of campaigns that watch their failures, by the instant up to which they were made.
CREATE TABLE ended (
  campaign TEXT COLLATE "C" NOT NULL,
  turn     INTEGER NOT NULL,
  at       TEXT COLLATE "C" NOT NULL,
  failed   BIGINT NOT NULL,
  ended    BIGINT NOT NULL CHECK (failed <= ended),
  PRIMARY KEY (campaign, turn, at)
);

-- The plans by which something was decided, each a JSON document packed by zlib. The one with the
-- greatest `turn` is that of the last run or worker.
CREATE TABLE kept_plans (
  digest   TEXT COLLATE "C" PRIMARY KEY,
  turn     INTEGER NOT NULL,
  document BYTEA NOT NULL
);

-- Labels of customers that channels were handed, as sqlite_9.sql tells it.
CREATE TABLE handed_labels (
  channel  TEXT COLLATE "C" NOT NULL,
  kind     TEXT COLLATE "C" NOT NULL,
  name     TEXT COLLATE "C" NOT NULL,
  customer TEXT COLLATE "C" NOT NULL,
  value    TEXT COLLATE "C",
  since    TEXT COLLATE "C" NOT NULL,
  turn     INTEGER NOT NULL,
  arrived  INTEGER NOT NULL CHECK (arrived IN (0, 1)),
  PRIMARY KEY (channel, kind, name, customer)
);
