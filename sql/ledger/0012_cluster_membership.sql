-- Why: the servers of one cluster find each other through tables of the ledger's own database, which has to be up
-- anyway, so that a cluster needs no other store. Orleans' ADO.NET provider brings no SQL: it reads the text of each
-- query by its key from OrleansQuery, which it names without a schema; hence a schema of its own and a Search Path.
-- The keys, the names that begin with @ and the names of the columns returned are the provider's.

CREATE SCHEMA cluster;

CREATE TABLE cluster.OrleansQuery (
    QueryKey  text NOT NULL CONSTRAINT orleans_query_pkey PRIMARY KEY,
    QueryText text NOT NULL
);

-- One row a cluster. Each change of who is in it is made at the version that was read and makes the next one, so of two
-- that read the same one is told that it lost.
CREATE TABLE cluster.membership_version (
    deployment_id text    NOT NULL CONSTRAINT membership_version_pkey PRIMARY KEY,
    version       integer NOT NULL DEFAULT 0 CONSTRAINT membership_version_counts CHECK (version >= 0)
);

-- One row a start of a server: the generation tells a server from the one that had its address before.
CREATE TABLE cluster.silo (
    deployment_id   text        NOT NULL,
    address         text        NOT NULL,
    port            integer     NOT NULL,
    generation      integer     NOT NULL,
    silo_name       text        NOT NULL,
    host_name       text        NOT NULL,
    status          integer     NOT NULL,
    proxy_port      integer     NOT NULL,
    -- 'silo,time|silo,time' as the provider writes it, and NULL where nobody suspects it.
    suspect_times   text,
    start_time      timestamptz NOT NULL,
    i_am_alive_time timestamptz NOT NULL,
    CONSTRAINT silo_pkey PRIMARY KEY (deployment_id, address, port, generation),
    CONSTRAINT silo_of_cluster FOREIGN KEY (deployment_id) REFERENCES cluster.membership_version ON DELETE CASCADE
);

-- Whatever needs a cluster's version locks that row before any silo's, so no two of these statements wait for each
-- other in a ring. A statement that had to wait for the row looks at its version anew and finds nothing to change where
-- it is no longer the one that was read. Of the parts of a statement each later one takes its rows from the one before:
-- where one finds nothing, none behind it writes. All of them count on READ COMMITTED.
INSERT INTO cluster.OrleansQuery (QueryKey, QueryText) VALUES

-- True for the one that made the row; the others wait for it and find it there.
('InsertMembershipVersionKey', $query$
WITH made AS (
    INSERT INTO cluster.membership_version (deployment_id) VALUES (@DeploymentId)
    ON CONFLICT DO NOTHING
    RETURNING deployment_id
)
SELECT EXISTS (SELECT FROM made)
$query$),

('InsertMembershipKey', $query$
WITH held AS MATERIALIZED (
    SELECT deployment_id FROM cluster.membership_version
    WHERE deployment_id = @DeploymentId AND version = @Version
    FOR NO KEY UPDATE
), joined AS (
    INSERT INTO cluster.silo (deployment_id, address, port, generation, silo_name, host_name, status, proxy_port,
        start_time, i_am_alive_time)
    SELECT deployment_id, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort,
        @StartTime, @IAmAliveTime
    FROM held
    ON CONFLICT DO NOTHING
    RETURNING deployment_id
), counted AS (
    UPDATE cluster.membership_version v SET version = v.version + 1
    FROM joined WHERE v.deployment_id = joined.deployment_id
    RETURNING v.version
)
SELECT EXISTS (SELECT FROM counted)
$query$),

-- Without votes the provider writes an empty text, but asks for NULL when it cleans up.
('UpdateMembershipKey', $query$
WITH held AS MATERIALIZED (
    SELECT deployment_id FROM cluster.membership_version
    WHERE deployment_id = @DeploymentId AND version = @Version
    FOR NO KEY UPDATE
), changed AS (
    UPDATE cluster.silo s
    SET status = @Status, suspect_times = NULLIF(@SuspectTimes, ''), i_am_alive_time = @IAmAliveTime
    FROM held
    WHERE s.deployment_id = held.deployment_id
        AND s.address = @Address AND s.port = @Port AND s.generation = @Generation
    RETURNING s.deployment_id
), counted AS (
    UPDATE cluster.membership_version v SET version = v.version + 1
    FROM changed WHERE v.deployment_id = changed.deployment_id
    RETURNING v.version
)
SELECT EXISTS (SELECT FROM counted)
$query$),

-- A sign of life is no change of who is in the cluster: it leaves the version as it is, so that no change loses by it.
('UpdateIAmAlivetimeKey', $query$
UPDATE cluster.silo SET i_am_alive_time = @IAmAliveTime
WHERE deployment_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
$query$),

-- Both reads answer with the version even where there is no silo, and with both as of one moment.
('MembershipReadRowKey', $query$
SELECT s.address AS Address, s.port AS Port, s.generation AS Generation, s.silo_name AS SiloName,
    s.host_name AS HostName, s.status AS Status, s.proxy_port AS ProxyPort, s.suspect_times AS SuspectTimes,
    s.start_time AS StartTime, s.i_am_alive_time AS IAmAliveTime, v.version AS Version
FROM cluster.membership_version v
LEFT JOIN cluster.silo s ON s.deployment_id = v.deployment_id
    AND s.address = @Address AND s.port = @Port AND s.generation = @Generation
WHERE v.deployment_id = @DeploymentId
$query$),

('MembershipReadAllKey', $query$
SELECT s.address AS Address, s.port AS Port, s.generation AS Generation, s.silo_name AS SiloName,
    s.host_name AS HostName, s.status AS Status, s.proxy_port AS ProxyPort, s.suspect_times AS SuspectTimes,
    s.start_time AS StartTime, s.i_am_alive_time AS IAmAliveTime, v.version AS Version
FROM cluster.membership_version v
LEFT JOIN cluster.silo s ON s.deployment_id = v.deployment_id
WHERE v.deployment_id = @DeploymentId
$query$),

-- For clients: a silo without a port for them is none of theirs.
('GatewaysQueryKey', $query$
SELECT address AS Address, proxy_port AS ProxyPort, generation AS Generation
FROM cluster.silo
WHERE deployment_id = @DeploymentId AND status = @Status AND proxy_port > 0
$query$),

-- The silos go with the version.
('DeleteMembershipTableEntriesKey', $query$
DELETE FROM cluster.membership_version WHERE deployment_id = @DeploymentId
$query$),

-- Where this key is there, the provider itself chooses which dead silos (status 6) are old enough, and has each deleted
-- that is still as it was read. It compares in ticks, while a parameter is cut to microseconds.
('CleanupDefunctSiloEntryKey', $query$
DELETE FROM cluster.silo
WHERE deployment_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
    AND status = 6 AND start_time = @StartTime AND i_am_alive_time = @IAmAliveTime
    AND suspect_times IS NOT DISTINCT FROM @SuspectTimes
$query$),

-- The provider does not start without this key, though it uses the one above: the same in one statement, where the last
-- that is known of a silo may be its start, its last sign of life or a vote.
('CleanupDefunctSiloEntriesKey', $query$
WITH held AS MATERIALIZED (
    SELECT deployment_id FROM cluster.membership_version WHERE deployment_id = @DeploymentId FOR NO KEY UPDATE
)
DELETE FROM cluster.silo s
USING held
WHERE s.deployment_id = held.deployment_id
    AND s.status = 6 AND s.start_time < @IAmAliveTime AND s.i_am_alive_time < @IAmAliveTime
    AND NOT EXISTS (
        SELECT FROM string_to_table(s.suspect_times, '|') AS vote
        WHERE split_part(vote, ',', 2)::timestamptz >= @IAmAliveTime)
$query$);

-- A role that can do this and nothing else: what a server has to know to be in a cluster opens nothing of the ledger.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'cluster_member') THEN
        CREATE ROLE cluster_member LOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    -- Another database of this server made the role at the same moment.
    NULL;
END $$;
GRANT cluster_member TO CURRENT_USER;
GRANT USAGE ON SCHEMA cluster TO cluster_member;
GRANT SELECT ON cluster.OrleansQuery TO cluster_member;
GRANT SELECT, INSERT, UPDATE, DELETE ON cluster.membership_version, cluster.silo TO cluster_member;
