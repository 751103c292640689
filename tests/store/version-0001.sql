-- A database of schema 0001, with one row of what counts.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE claims (
	"key" TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "claims" VALUES('u1:started','2026-11-24 12:00:00.000000');
CREATE TABLE findings (
	"key" TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	told_at DATETIME NOT NULL, 
	ts TEXT NOT NULL, 
	finding TEXT NOT NULL, 
	PRIMARY KEY ("key", channel)
);
INSERT INTO "findings" VALUES('WIRE-08:shop/checkout:Ingress/checkout','C0RELEASES','2026-11-24 12:00:00.000000','','{"id":"WIRE-08","severity":"high","namespace":"shop","rollout":"checkout","kind":"Ingress","name":"checkout","message":"The Ingress says 0 %.","evidence":"wanted 10, found 0","writer":"","heals":false,"fix":"","since":"2026-11-24T12:00:00Z"}');
CREATE TABLE ledger (
	id TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	actor_kind TEXT NOT NULL, 
	actor_id TEXT NOT NULL, 
	actor_name TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	verb TEXT NOT NULL, 
	cluster TEXT NOT NULL, 
	namespace TEXT NOT NULL, 
	name TEXT NOT NULL, 
	uid TEXT NOT NULL, 
	revision TEXT NOT NULL, 
	step INTEGER, 
	reason TEXT NOT NULL, 
	outcome TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "ledger" VALUES('e1','2026-11-24 12:00:00.000000','slack','U0ANN','Ann','','promote','','shop','checkout','u1','',NULL,'','done','{}');
CREATE TABLE places (
	channel TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	ts TEXT NOT NULL, 
	content TEXT NOT NULL, 
	PRIMARY KEY (channel, "key")
);
CREATE TABLE sightings (
	"key" TEXT NOT NULL, 
	created DATETIME NOT NULL, 
	sighting TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
CREATE TABLE told (
	uid TEXT NOT NULL, 
	told TEXT NOT NULL, 
	PRIMARY KEY (uid)
);
CREATE INDEX ledger_at ON ledger (at);
CREATE INDEX ledger_rollout ON ledger (uid, revision);
CREATE INDEX ledger_outcome ON ledger (outcome);
CREATE INDEX sightings_created ON sightings (created);
COMMIT;
