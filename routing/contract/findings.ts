/** The kinds of findings, for the server that notes them and for pages, which say them in their own language. */

/** What each kind means and what to do, in one sentence. */
export const FINDINGS = {
  ts_missing: 'Readings come without a time; kaiser uses the time of arrival',
  raw_mode_missing: 'Readings come without raw_mode; kaiser takes the number for a native one',
  quality_unknown: 'Readings come with a quality word kaiser does not know; it is stored as unknown',
  clock_wrong: 'The clock of the device is wrong; kaiser uses the time of arrival',
  sensor_type_unknown:
    'The sensor type is not known; its readings are kept raw. Add a module to DATA/sensors',
  sensor_type_failed: 'A sensor module of yours failed and is bypassed; its readings are kept raw',
  sensor_stuck: 'A sensor has shown exactly the same value for a long time; check its wiring',
  sensors_full: 'The device sends more sensors than it may; further ones are refused',
  actuators_full: 'The device reports more actuators than it may have; further ones are refused',
  config_differs:
    'The device reports other sensors or actuators than people configured; it is told again, a few times',
  config_too_large: 'A part of the configuration does not fit into the device; shorten names or metadata',
  config_refused:
    'The device refused a part of its configuration; `items` says which and why. Change them, or look at the device',
  response_unsolicited: 'The device answers commands that kaiser never sent; find out who else commands it',
  client_id_shared: 'Two clients use one client id and throw each other out; give each its own',
  flapping: 'The device comes and goes; check power supply and WiFi',
  sessions_damaged: 'A table of the broker was damaged; sessions or retained messages may be missing',
  zone_differs: 'The device says it is in another zone than people do; assign its zone again',
  zone_refused: 'The device refused its zone; kaiser keeps what people said. Assign it again',
  subzone_refused: 'The device refused a subzone; change it or remove it',
  subzone_unknown: 'The device speaks of a subzone nobody made; remove it there, or make it here',
} as const satisfies Readonly<Record<string, string>>

export type FindingKind = keyof typeof FINDINGS
