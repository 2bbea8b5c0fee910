-- The truth about kaiser's rows. Times are integers, milliseconds since 1970 UTC. Tables are STRICT.
-- Names that people and scripts rely on: sensor_data, esp_devices, sensor_configs, calibrations, device_health,
-- actuator_configs, actuator_states, actuator_history, emergency_stops, audit_logs, users, rejects. A file of an older kaiser gets the tables and columns it lacks (database.ts); a new
-- column therefore is nullable or has a default.

-- One row per device, real or mock. device_metadata and capabilities are JSON text.
CREATE TABLE esp_devices (
  id                TEXT PRIMARY KEY,
  device_id         TEXT NOT NULL UNIQUE CHECK (length(device_id) BETWEEN 1 AND 50),
  name              TEXT,
  hardware_type     TEXT NOT NULL DEFAULT 'ESP32_WROOM',
  status            TEXT NOT NULL CHECK (status IN ('pending_approval', 'approved', 'online', 'offline', 'rejected', 'error')),
  last_seen         INTEGER,
  zone_id           TEXT,
  zone_name         TEXT,
  master_zone_id    TEXT,
  subzone_id        TEXT,
  is_zone_master    INTEGER NOT NULL DEFAULT 0 CHECK (is_zone_master IN (0, 1)),
  kaiser_id         TEXT,
  ip_address        TEXT,
  mac_address       TEXT,
  firmware_version  TEXT,
  heap_free         INTEGER,
  wifi_rssi         INTEGER,
  uptime            INTEGER,
  sensor_count      INTEGER NOT NULL DEFAULT 0,
  actuator_count    INTEGER NOT NULL DEFAULT 0,
  error_count       INTEGER NOT NULL DEFAULT 0,
  boot              INTEGER NOT NULL DEFAULT 0,  -- how many times it was seen to boot; makes seq unique
  boot_sequence_id  TEXT,
  connect_seq       INTEGER,                     -- how often it has connected since it booted, as it says
  system_state      TEXT,
  reset_reason      TEXT,
  health_status     TEXT,                        -- healthy, degraded or critical
  health            TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(health)),  -- what else it said of itself last
  last_heartbeat    INTEGER,
  heartbeat_interval INTEGER,                    -- how often it beats, as observed, ms
  offline_reason    TEXT,                        -- why it is offline: its Will's reason, or heartbeat_timeout
  flapping_since    INTEGER,                     -- since when it comes and goes; null while it does not
  discovered_at     INTEGER,
  approved_at       INTEGER,
  approved_by       TEXT,
  rejection_reason  TEXT,
  last_rejection_at INTEGER,
  capabilities      TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(capabilities)),
  device_metadata   TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(device_metadata)),
  password_hash     TEXT,
  created_at        INTEGER NOT NULL,
  updated_at        INTEGER NOT NULL
) STRICT;

-- How a device did over time: one sample per 5 minutes. A ring of a week per device: slot is overwritten.
CREATE TABLE device_health (
  esp_id         TEXT NOT NULL,
  slot           INTEGER NOT NULL,
  timestamp      INTEGER NOT NULL,
  health_status  TEXT,
  heap_free      INTEGER,
  wifi_rssi      INTEGER,
  uptime         INTEGER,
  sensor_count   INTEGER,
  actuator_count INTEGER,
  error_count    INTEGER,
  PRIMARY KEY (esp_id, slot)
) STRICT, WITHOUT ROWID;

-- Names of zones; a zone needs none. Which zone a device is in stands in its own row.
CREATE TABLE zones (
  zone_id        TEXT PRIMARY KEY CHECK (length(zone_id) BETWEEN 1 AND 50),
  name           TEXT,
  master_zone_id TEXT,
  created_at     INTEGER NOT NULL,
  updated_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Some gpios of one device that belong together. assigned_gpios is a JSON list; reported is what the device said of
-- it last, as JSON. One that is being removed stays until the device has heard of it.
CREATE TABLE subzone_configs (
  esp_id          TEXT NOT NULL,
  subzone_id      TEXT NOT NULL,
  subzone_name    TEXT,
  parent_zone_id  TEXT NOT NULL,
  assigned_gpios  TEXT NOT NULL CHECK (json_valid(assigned_gpios)),
  safe_mode_active INTEGER NOT NULL DEFAULT 1 CHECK (safe_mode_active IN (0, 1)),
  status          TEXT NOT NULL CHECK (status IN ('pending', 'assigned', 'failed', 'removing')),
  error           TEXT,
  correlation_id  TEXT NOT NULL,                 -- of what the device was asked last
  told            INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1)),  -- the device has been told of it, and may know it
  sent_at         INTEGER,                       -- when the last was sent; null: not yet
  attempts        INTEGER NOT NULL DEFAULT 0,
  last_ack_at     INTEGER,
  reported        TEXT CHECK (reported IS NULL OR json_valid(reported)),
  created_at      INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL,
  PRIMARY KEY (esp_id, subzone_id)
) STRICT, WITHOUT ROWID;

-- Where a device was before: until until_at it stood in zone_id, and its gpios belonged to subzones (JSON,
-- {"4": "bench_1"}). Late readings get the zone of their time from here. The last 100 of a device.
CREATE TABLE placements (
  esp_id   TEXT NOT NULL,
  until_at INTEGER NOT NULL,
  zone_id  TEXT,
  subzones TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(subzones)),
  PRIMARY KEY (esp_id, until_at)
) STRICT, WITHOUT ROWID;

-- How a sensor is to be read: what people set. address '' stands for every bus address of that gpio and type.
-- calibration_data is the calibration that is applied now; its history is in calibrations.
CREATE TABLE sensor_configs (
  id                 TEXT PRIMARY KEY,
  esp_id             TEXT NOT NULL,
  gpio               INTEGER NOT NULL CHECK (gpio BETWEEN 0 AND 255),
  sensor_type        TEXT NOT NULL,
  address            TEXT NOT NULL DEFAULT '',
  sensor_name        TEXT,
  enabled            INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
  processing_mode    TEXT NOT NULL DEFAULT 'pi_enhanced' CHECK (processing_mode IN ('pi_enhanced', 'local', 'raw')),
  sample_interval_ms INTEGER NOT NULL DEFAULT 30000,
  threshold_min      REAL,
  threshold_max      REAL,
  warning_min        REAL,
  warning_max        REAL,
  probe_serial       TEXT,
  params             TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(params)),
  calibration_data   TEXT CHECK (calibration_data IS NULL OR json_valid(calibration_data)),
  sensor_metadata    TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(sensor_metadata)),
  config_status      TEXT NOT NULL DEFAULT 'pending' CHECK (config_status IN ('pending', 'applied', 'failed')),
  config_error       TEXT,
  created_at         INTEGER NOT NULL,
  updated_at         INTEGER NOT NULL,
  UNIQUE (esp_id, gpio, sensor_type, address)
) STRICT;

-- Every calibration ever made, per probe: what was measured, what came of it, how good it is, and whether it was
-- taken back. calibration and verdict are JSON text.
CREATE TABLE calibrations (
  id           INTEGER PRIMARY KEY,
  esp_id       TEXT NOT NULL,
  gpio         INTEGER NOT NULL,
  sensor_type  TEXT NOT NULL,
  address      TEXT NOT NULL DEFAULT '',
  probe_serial TEXT,
  calibration  TEXT NOT NULL CHECK (json_valid(calibration)),
  verdict      TEXT NOT NULL CHECK (json_valid(verdict)),
  performed_at INTEGER NOT NULL,
  performed_by TEXT NOT NULL,
  due_at       INTEGER,
  undone_at    INTEGER,
  undone_by    TEXT
) STRICT;

-- What is connected to a pin and within which limits it may run: what people set. Lists and metadata are JSON text.
CREATE TABLE actuator_configs (
  id               TEXT PRIMARY KEY,
  esp_id           TEXT NOT NULL,
  gpio             INTEGER NOT NULL CHECK (gpio BETWEEN 0 AND 254),
  actuator_type    TEXT NOT NULL,
  actuator_name    TEXT,
  enabled          INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
  min_value        REAL NOT NULL DEFAULT 0,
  max_value        REAL NOT NULL DEFAULT 1,
  default_value    REAL NOT NULL DEFAULT 0,
  safe_value       REAL NOT NULL DEFAULT 0,
  max_runtime      INTEGER,                     -- s; 0 = none, null = as its kind has it
  min_off          INTEGER NOT NULL DEFAULT 0,  -- s
  starts_per_hour  INTEGER,                     -- null = no limit
  daily_quota      INTEGER,                     -- s within 24 h; null = no limit
  interlocks       TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(interlocks)),
  required_sensors TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(required_sensors)),
  require_rule_sensors INTEGER NOT NULL DEFAULT 1 CHECK (require_rule_sensors IN (0, 1)),  -- those its rules read, too
  sanity           TEXT CHECK (sanity IS NULL OR json_valid(sanity)),
  aux_gpio         INTEGER NOT NULL DEFAULT 255 CHECK (aux_gpio BETWEEN 0 AND 255),  -- 255 = none
  critical         INTEGER NOT NULL DEFAULT 0 CHECK (critical IN (0, 1)),
  inverted_logic   INTEGER NOT NULL DEFAULT 0 CHECK (inverted_logic IN (0, 1)),
  pwm_frequency    INTEGER,
  servo_min_pulse  INTEGER,
  servo_max_pulse  INTEGER,
  metadata         TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(metadata)),
  config_status    TEXT NOT NULL DEFAULT 'pending' CHECK (config_status IN ('pending', 'applied', 'failed')),
  config_error     TEXT,
  created_at       INTEGER NOT NULL,
  updated_at       INTEGER NOT NULL,
  UNIQUE (esp_id, gpio)
) STRICT;

-- What each actuator was reported to be last, whoever switched it. While stale_since is set nobody knows whether it
-- still is: the device is away or kaiser was. desired is what it is wanted to be, JSON text, null when nobody wants anything.
CREATE TABLE actuator_states (
  esp_id          TEXT NOT NULL,
  gpio            INTEGER NOT NULL CHECK (gpio BETWEEN 0 AND 254),
  actuator_type   TEXT NOT NULL,
  state           TEXT NOT NULL CHECK (state IN ('on', 'off', 'pwm', 'error', 'unknown')),
  current_value   REAL NOT NULL,               -- 0 to 1
  desired         TEXT CHECK (desired IS NULL OR json_valid(desired)),
  on_since        INTEGER,                     -- null while it is not on
  runtime_ms      INTEGER,                     -- as the device says it
  last_command    TEXT,
  last_command_at INTEGER,
  error           TEXT,
  emergency       TEXT NOT NULL DEFAULT 'normal',
  data_source     TEXT NOT NULL,
  stale_since     INTEGER,
  stale_reason    TEXT,
  reported_at     INTEGER,                     -- when it said so, by its own clock where that is right
  updated_at      INTEGER NOT NULL,
  PRIMARY KEY (esp_id, gpio)
) STRICT, WITHOUT ROWID;

-- One row per command, with its stages; and one per fact a device reported that no command of ours explains. fact tells
-- such a report from its redelivery. What devices say that nobody has let in is a ring of 10,000 rows of negative id.
CREATE TABLE actuator_history (
  id               INTEGER PRIMARY KEY,
  correlation_id   TEXT UNIQUE,                -- of our own commands
  esp_id           TEXT NOT NULL,
  gpio             INTEGER NOT NULL,           -- 255 = the whole device
  actuator_type    TEXT,
  command_type     TEXT NOT NULL,              -- ON, OFF, PWM, TOGGLE, or what was reported, such as ALERT_EMERGENCY_STOP
  value            REAL,
  duration         REAL,                       -- s
  issued_by        TEXT NOT NULL,
  state            TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'acknowledged', 'done', 'failed', 'expired', 'superseded', 'refused')),
  success          INTEGER CHECK (success IN (0, 1)),
  error_message    TEXT,
  limit_name       TEXT,                       -- which limit refused it
  timestamp        INTEGER NOT NULL,           -- when it was accepted, or happened
  sent_at          INTEGER,
  acknowledged_at  INTEGER,
  finished_at      INTEGER,
  expires_at       INTEGER,
  command_metadata TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(command_metadata)),
  data_source      TEXT,
  fact             TEXT UNIQUE
) STRICT;
CREATE INDEX actuator_history_by_actuator ON actuator_history (esp_id, gpio, timestamp);
CREATE INDEX actuator_history_unfinished ON actuator_history (id) WHERE state IN ('pending', 'sent', 'acknowledged');

-- What is to happen to an actuator by itself, and when at the latest.
CREATE TABLE actuator_timers (
  esp_id     TEXT NOT NULL,
  gpio       INTEGER NOT NULL,
  kind       TEXT NOT NULL CHECK (kind IN ('duration', 'max_runtime', 'override')),
  due_at     INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  PRIMARY KEY (esp_id, gpio, kind)
) STRICT, WITHOUT ROWID;

-- When actuators ran in the last 25 hours, for starts per hour and daily quota; ended_at is null while one runs.
CREATE TABLE actuator_runs (
  esp_id     TEXT NOT NULL,
  gpio       INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at   INTEGER,
  PRIMARY KEY (esp_id, gpio, started_at)
) STRICT, WITHOUT ROWID;

-- What each mock device is at, as JSON: its actuators, why it is stopped, since when it runs, where its values drift.
-- What it is made of is simulation_config in the device_metadata of its row.
CREATE TABLE mock_states (
  esp_id     TEXT PRIMARY KEY,
  state      TEXT NOT NULL CHECK (json_valid(state)),
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Emergency stops: latched until they are released, which takes two steps. A row stays as the record of it.
CREATE TABLE emergency_stops (
  id             INTEGER PRIMARY KEY,
  scope          TEXT NOT NULL CHECK (scope IN ('all', 'zone', 'device', 'actuator')),
  esp_id         TEXT,
  zone_id        TEXT,
  gpio           INTEGER,
  reason         TEXT NOT NULL,
  issued_by      TEXT NOT NULL,
  stopped_at     INTEGER NOT NULL,
  armed_at       INTEGER,
  arm_token      TEXT,
  armed_by       TEXT,
  released_at    INTEGER,
  released_by    TEXT,
  release_reason TEXT,
  repeated_at    INTEGER,
  repeated_by    TEXT,
  repeated_reason TEXT
) STRICT;
CREATE INDEX emergency_stops_latched ON emergency_stops (id) WHERE released_at IS NULL;

-- Which devices a stop concerns, and whether each has confirmed it: by ack, states or response.
CREATE TABLE emergency_devices (
  stop_id      INTEGER NOT NULL,
  esp_id       TEXT NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'confirmed', 'not_confirmed')),
  sent_at      INTEGER,
  attempts     INTEGER NOT NULL DEFAULT 0,
  confirmed_at INTEGER,
  confirmed_by TEXT,
  cleared_at   INTEGER,                        -- when it took note that the stop is over; null before
  PRIMARY KEY (stop_id, esp_id)
) STRICT, WITHOUT ROWID;

-- Who or what did what, and how it ended. details is JSON text; old entries go as the retention says.
CREATE TABLE audit_logs (
  id                INTEGER PRIMARY KEY,
  event_type        TEXT NOT NULL,
  severity          TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'error', 'critical')),
  source_type       TEXT NOT NULL CHECK (source_type IN ('esp32', 'user', 'system', 'api', 'mqtt', 'scheduler')),
  source_id         TEXT,
  status            TEXT NOT NULL,
  message           TEXT,
  details           TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(details)),
  error_code        TEXT,
  error_description TEXT,
  ip_address        TEXT,
  user_agent        TEXT,
  correlation_id    TEXT,
  request_id        TEXT,
  created_at        INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_logs_by_time ON audit_logs (created_at);
CREATE INDEX audit_logs_by_severity ON audit_logs (severity, created_at);
CREATE INDEX audit_logs_by_source ON audit_logs (source_id, created_at);

-- What people set that has no table of its own; value is JSON text.
CREATE TABLE settings (
  key        TEXT PRIMARY KEY,
  value      TEXT NOT NULL CHECK (json_valid(value)),
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row per sensor ever heard: readings name it by a small integer instead of four words.
-- It outlives its device, as readings do. address is '' where the sensor has no bus address.
CREATE TABLE sensors (
  id          INTEGER PRIMARY KEY,
  esp_id      TEXT NOT NULL,
  gpio        INTEGER NOT NULL CHECK (gpio BETWEEN 0 AND 255),
  sensor_type TEXT NOT NULL,
  address     TEXT NOT NULL DEFAULT '',
  created_at  INTEGER NOT NULL,
  UNIQUE (esp_id, gpio, sensor_type, address)
) STRICT;

-- New readings are appended here, without any index, and moved into the history in sorted steps:
-- ten times less wear on a card than keeping one big table in order. id is the order of arrival.
CREATE TABLE readings_intake (
  id              INTEGER PRIMARY KEY,
  sensor_id       INTEGER NOT NULL,
  timestamp       INTEGER NOT NULL,
  raw_value       REAL,
  processed_value REAL,
  unit            TEXT,
  quality         INTEGER NOT NULL,
  processing_mode INTEGER NOT NULL,
  received_at     INTEGER NOT NULL,
  time_source     INTEGER NOT NULL,
  seq             INTEGER,
  boot            INTEGER,
  zone_id         TEXT,
  subzone_id      TEXT,
  data_source     INTEGER NOT NULL
) STRICT;

-- All older readings, clustered by sensor and time.
CREATE TABLE readings_history (
  sensor_id       INTEGER NOT NULL,
  timestamp       INTEGER NOT NULL,
  id              INTEGER NOT NULL,
  raw_value       REAL,
  processed_value REAL,
  unit            TEXT,
  quality         INTEGER NOT NULL,
  processing_mode INTEGER NOT NULL,
  received_at     INTEGER NOT NULL,
  time_source     INTEGER NOT NULL,
  seq             INTEGER,
  boot            INTEGER,
  zone_id         TEXT,
  subzone_id      TEXT,
  data_source     INTEGER NOT NULL,
  PRIMARY KEY (sensor_id, timestamp, id)
) STRICT, WITHOUT ROWID;

-- How far the move has come: intake rows up to cutoff whose (sensor_id, timestamp, id) is not after the mark
-- are in the history already. Hiding them costs nothing; deleting one by one would touch every page.
CREATE TABLE compaction (
  one       INTEGER PRIMARY KEY CHECK (one = 1),
  cutoff    INTEGER NOT NULL,
  sensor_id INTEGER NOT NULL,
  timestamp INTEGER NOT NULL,
  id        INTEGER NOT NULL
) STRICT;
INSERT INTO compaction VALUES (1, 0, 0, 0, 0);

-- The first write after a checkpoint starts the log anew and must sync its header; the maintenance thread
-- makes that write, so that the event loop never waits for the disk.
CREATE TABLE checkpoint (
  one             INTEGER PRIMARY KEY CHECK (one = 1),
  checkpointed_at INTEGER NOT NULL
) STRICT;
INSERT INTO checkpoint VALUES (1, 0);

CREATE VIEW readings AS
  SELECT sensor_id, timestamp, id, raw_value, processed_value, unit, quality, processing_mode,
         received_at, time_source, seq, boot, zone_id, subzone_id, data_source
    FROM readings_history
  UNION ALL
  SELECT r.sensor_id, r.timestamp, r.id, r.raw_value, r.processed_value, r.unit, r.quality, r.processing_mode,
         r.received_at, r.time_source, r.seq, r.boot, r.zone_id, r.subzone_id, r.data_source
    FROM readings_intake r, compaction c
   WHERE r.id > c.cutoff OR (r.sensor_id, r.timestamp, r.id) > (c.sensor_id, c.timestamp, c.id);

-- What people read: every reading in words. The lists are those of routing/contract/quality.ts.
CREATE VIEW sensor_data AS
  SELECT s.esp_id, s.gpio, s.sensor_type, nullif(s.address, '') AS address,
         r.raw_value, r.processed_value, r.unit,
         CASE r.quality WHEN 0 THEN 'excellent' WHEN 1 THEN 'good' WHEN 2 THEN 'fair' WHEN 3 THEN 'unknown'
                        WHEN 4 THEN 'poor' WHEN 5 THEN 'suspect' WHEN 6 THEN 'stale' WHEN 7 THEN 'bad'
                        WHEN 8 THEN 'critical' ELSE 'error' END AS quality,
         CASE r.processing_mode WHEN 0 THEN 'local' WHEN 1 THEN 'pi_enhanced' WHEN 2 THEN 'raw' ELSE 'computed' END AS processing_mode,
         r.timestamp, r.received_at,
         CASE r.time_source WHEN 0 THEN 'device' ELSE 'server' END AS time_source,
         r.seq, r.zone_id, r.subzone_id,
         CASE r.data_source WHEN 0 THEN 'production' WHEN 1 THEN 'mock' WHEN 2 THEN 'test'
                            ELSE 'simulation' END AS data_source
    FROM readings r JOIN sensors s ON s.id = r.sensor_id;

-- Messages that were acknowledged but not used: the last 1,000 refusals (slots 0 to 999, first 512 bytes) and
-- the last 1,000 of handlers that failed (slots from 1000, whole payload, can be handed in again).
CREATE TABLE rejects (
  slot          INTEGER PRIMARY KEY,
  id            INTEGER NOT NULL,
  received_at   INTEGER NOT NULL,
  topic         TEXT NOT NULL,
  payload       BLOB NOT NULL,
  payload_bytes INTEGER NOT NULL,
  qos           INTEGER NOT NULL,
  code          TEXT NOT NULL,
  detail        TEXT NOT NULL,
  esp_id        TEXT,
  client_id     TEXT,
  retried_at    INTEGER,
  said_by       TEXT
) STRICT;

CREATE TABLE users (
  id              INTEGER PRIMARY KEY,
  username        TEXT NOT NULL UNIQUE COLLATE NOCASE,
  email           TEXT NOT NULL UNIQUE COLLATE NOCASE,
  full_name       TEXT,
  password_hash   TEXT NOT NULL,
  role            TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
  is_active       INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
  token_version   INTEGER NOT NULL DEFAULT 0,  -- raised to end access tokens
  session_version INTEGER NOT NULL DEFAULT 0,  -- raised to end refresh tokens too
  created_at      INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL
) STRICT;

-- Tokens that must not be accepted any more, until they would have expired anyway.
CREATE TABLE revoked_tokens (
  jti        TEXT PRIMARY KEY,
  reason     TEXT NOT NULL CHECK (reason IN ('logout', 'rotated')),
  revoked_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What the broker remembers for clients that come back (MQTT 3.1.1, section 4.1), and retained messages. The
-- broker keeps all of it in memory and reads these tables once, when it starts.

-- A session with Clean Session 0. owner is who opened it, disconnected_at null while it is connected.
CREATE TABLE mqtt_sessions (
  client_id       TEXT PRIMARY KEY,
  owner           TEXT NOT NULL,
  disconnected_at INTEGER
) STRICT, WITHOUT ROWID;

-- nl, rap and rh are options of bridges; null for everybody else.
CREATE TABLE mqtt_subscriptions (
  client_id TEXT NOT NULL,
  filter    TEXT NOT NULL,
  qos       INTEGER NOT NULL,
  nl        INTEGER,
  rap       INTEGER,
  rh        INTEGER,
  PRIMARY KEY (client_id, filter)
) STRICT, WITHOUT ROWID;

-- Messages that wait for sessions, each once, however many wait for it.
CREATE TABLE mqtt_messages (
  id          INTEGER PRIMARY KEY,
  topic       TEXT NOT NULL,
  payload     BLOB NOT NULL,
  received_at INTEGER NOT NULL
) STRICT;

-- Who waits for which message, in order of id. packet_id is its Packet Identifier, null before it is sent;
-- message_id is null once the client has it and only PUBREL and PUBCOMP are left.
CREATE TABLE mqtt_queue (
  id         INTEGER PRIMARY KEY,
  client_id  TEXT NOT NULL,
  message_id INTEGER,
  qos        INTEGER NOT NULL,
  packet_id  INTEGER
) STRICT;

-- Packet Identifiers of QoS 2 messages that came and were not released yet.
CREATE TABLE mqtt_incoming (
  client_id TEXT NOT NULL,
  packet_id INTEGER NOT NULL,
  PRIMARY KEY (client_id, packet_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE mqtt_retained (
  topic     TEXT PRIMARY KEY,
  payload   BLOB NOT NULL,
  qos       INTEGER NOT NULL,
  stored_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Wills of clients that are connected; what is found here at a start was left by a kaiser that was killed.
CREATE TABLE mqtt_wills (
  client_id TEXT PRIMARY KEY,
  topic     TEXT NOT NULL,
  payload   BLOB NOT NULL,
  qos       INTEGER NOT NULL,
  retain    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- With --redis, while Redis is lost: what it should have. client_id is the session a message waits for and name the
-- message's own name; for a retained message client_id is '' and name its topic. packet is JSON text.
CREATE TABLE mqtt_aside (
  client_id TEXT NOT NULL,
  name      TEXT NOT NULL,
  seq       INTEGER NOT NULL,
  put_at    INTEGER NOT NULL,
  packet    TEXT NOT NULL,
  PRIMARY KEY (client_id, name)
) STRICT, WITHOUT ROWID;

-- Rows of the tables above that could not be used; a table that could not be read whole is kept beside it
-- under the name quarantined_... . row is JSON text, the newest 1,000 are kept.
CREATE TABLE mqtt_quarantine (
  id             INTEGER PRIMARY KEY,
  quarantined_at INTEGER NOT NULL,
  table_name     TEXT NOT NULL,
  reason         TEXT NOT NULL,
  row            TEXT NOT NULL
) STRICT;
