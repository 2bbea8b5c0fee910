/**
 * Every refusal and fault: what it is called, how loudly it is logged, what HTTP says, the sentence people
 * read, and where the original system filed it (the seed's family and number, protocol.md §11). Logs, REST,
 * the reject list, the counters and the README read this table; a code that is not here does not exist.
 */
export type Level = 'error' | 'warn' | 'info' | 'debug'
export type Family = 'Validation' | 'Config' | 'Service' | 'Database' | 'MQTT'

interface Code {
  level: Level
  /** HTTP status when the same thing happens over REST. */
  status: number
  family: Family
  number: number
  /** One sentence with the next step; log lines begin with it. */
  sentence: string
}

const code = (family: Family, number: number, level: Level, status: number, sentence: string): Code => ({
  family,
  number,
  level,
  status,
  sentence,
})

/** What a message can be refused for. It is acknowledged all the same: repeating it would not help. */
export const refusals = {
  topic_unrouted: code('MQTT', 5108, 'warn', 404, 'No handler registered for this topic; check its spelling'),
  kaiser_foreign: code(
    'MQTT',
    5102,
    'warn',
    404,
    'Message of another kaiser_id; it is forwarded, not handled',
  ),
  payload_too_large: code('Validation', 5209, 'warn', 413, 'Invalid payload: over 16 KiB; send less at once'),
  payload_not_json: code(
    'Validation',
    5209,
    'error',
    400,
    'Invalid payload: not JSON; check what the device sends',
  ),
  payload_invalid: code('Validation', 5206, 'warn', 400, 'Invalid payload: a field is missing or wrong'),
  device_unknown: code(
    'Config',
    5001,
    'warn',
    404,
    'Unknown ESP: register it with `kaiser device add` or POST /api/v1/esp/devices, or approve it',
  ),
  device_mismatch: code('Validation', 5201, 'warn', 400, 'Invalid payload: it contradicts its topic'),
  sensors_full: code(
    'Validation',
    5207,
    'warn',
    409,
    'The device has as many sensors as it may; check gpio, type and address of what it sends',
  ),
  actuators_full: code(
    'Validation',
    5207,
    'warn',
    409,
    'The device has as many actuators as it may; check the gpio of what it sends',
  ),
  devices_full: code(
    'Config',
    5001,
    'warn',
    409,
    'Unknown ESP: as many devices are known or waiting as may be; remove some first',
  ),
  command_refused: code(
    'Service',
    5405,
    'warn',
    403,
    'Command refused: what devices obey does not pass here; nobody heard it',
  ),
  ack_unsolicited: code(
    'MQTT',
    5104,
    'warn',
    409,
    'Acknowledgement of nothing this device was asked; nothing is changed by it',
  ),
  backlog_full: code(
    'Database',
    5302,
    'error',
    503,
    'Storage fails and the backlog is full; the message is not taken',
  ),
} as const

/** What can go wrong inside kaiser. */
export const faults = {
  handler_failed: code(
    'Service',
    5411,
    'error',
    500,
    'A handler failed; the message is kept and can be handed in again',
  ),
  storage_unavailable: code(
    'Database',
    5304,
    'error',
    503,
    'Storage is unavailable; acknowledgements wait for it',
  ),
  redis_unavailable: code(
    'MQTT',
    5104,
    'error',
    503,
    'Redis is unavailable; local clients are served, and it is tried again for ever',
  ),
  redis_backlog_full: code(
    'MQTT',
    5101,
    'warn',
    503,
    'Client closed: Redis is unavailable, and no more can be remembered for it; what is not acknowledged is sent again',
  ),
  rule_failed: code('Service', 5702, 'error', 500, 'A rule failed; the reading is stored all the same'),
  sensor_type_failed: code(
    'Service',
    5411,
    'error',
    500,
    'A sensor type of yours failed and is bypassed; its readings are kept raw until its file changes',
  ),
  socket_failed: code(
    'Service',
    5410,
    'warn',
    500,
    'A realtime socket failed; other subscribers are not affected',
  ),
  sessions_damaged: code(
    'Database',
    5304,
    'error',
    500,
    'State of the broker on disk is damaged; what could not be read is in mqtt_quarantine or a quarantined_ table',
  ),
  publish_failed: code('MQTT', 5101, 'error', 500, 'A message to a device could not be published'),
  listener_failed: code('MQTT', 5106, 'error', 503, 'A listener died; it is being reopened'),
  tls_reload_failed: code(
    'Service',
    5411,
    'error',
    500,
    'The new certificate cannot be used; the one before it stays in place',
  ),
  certificate_expires: code(
    'Service',
    5411,
    'warn',
    500,
    'The certificate of this server expires soon or has expired; `kaiser tls renew` makes another',
  ),
  internal_error: code(
    'Service',
    5400,
    'error',
    500,
    'Something failed inside kaiser; the log has the details',
  ),
} as const

/** What a client connection can be refused or closed for. */
export const connections = {
  not_authorized: code(
    'MQTT',
    5107,
    'warn',
    401,
    'Client refused: not authorized; give credentials or allow anonymous clients',
  ),
  bad_credentials: code('MQTT', 5107, 'warn', 401, 'Client refused: wrong user name or password'),
  login_cooldown: code(
    'MQTT',
    5107,
    'warn',
    429,
    'Client refused: three logins failed, so this address waits 60 s for this user name',
  ),
  login_busy: code(
    'MQTT',
    5107,
    'warn',
    503,
    'Client refused: too many passwords are being checked; it may try again',
  ),
  certificate_mismatch: code(
    'MQTT',
    5107,
    'warn',
    401,
    'Client refused: its certificate is not of the device it says it is',
  ),
  credentials_revoked: code(
    'MQTT',
    5107,
    'info',
    401,
    'Client closed: what it logged in with does not hold any more',
  ),
  token_expired: code('MQTT', 5107, 'info', 401, 'Client closed: the token it logged in with has run out'),
  identifier_rejected: code(
    'MQTT',
    5107,
    'warn',
    400,
    'Client refused: an empty client id needs a clean session',
  ),
  client_id_too_long: code(
    'MQTT',
    5107,
    'warn',
    400,
    'Client refused: its client id is too long; use a shorter one or raise --max-client-id-bytes',
  ),
  client_id_taken: code(
    'MQTT',
    5107,
    'warn',
    409,
    'Client refused: somebody else has its client id; use another, or free it with DELETE /api/v1/broker/clients/{id}',
  ),
  publish_forbidden: code(
    'Service',
    5405,
    'warn',
    403,
    'Publish forbidden: this client may not publish there',
  ),
  subscribe_forbidden: code(
    'Service',
    5405,
    'warn',
    403,
    'Subscription forbidden: this client may not subscribe there',
  ),
  packet_too_large: code(
    'Validation',
    5209,
    'warn',
    413,
    'Client closed: it announced a packet over the limit',
  ),
  topic_too_deep: code(
    'Validation',
    5209,
    'warn',
    400,
    'Client closed: a topic or filter of it has more levels than may be',
  ),
  topic_too_long: code(
    'Validation',
    5209,
    'warn',
    400,
    'Client closed: a topic or filter of it is longer than may be',
  ),
  subscriptions_full: code(
    'MQTT',
    5105,
    'warn',
    409,
    'Subscription refused: this client has as many as it may',
  ),
  in_flight_full: code(
    'MQTT',
    5104,
    'warn',
    413,
    'Too many messages of this client are not settled; it is not read, or closed when it does not end QoS 2',
  ),
  unacknowledged_full: code(
    'MQTT',
    5104,
    'warn',
    408,
    'Client closed: it did not acknowledge what it asked for',
  ),
  rate_exceeded: code('MQTT', 5104, 'warn', 429, 'Client slowed: it sends faster than it may'),
  queue_full: code('MQTT', 5101, 'warn', 409, 'A message for an absent client is dropped: its queue is full'),
  message_stale: code(
    'MQTT',
    5101,
    'info',
    410,
    'A command or configuration for a client that was away is dropped: it is older than 30 s',
  ),
  sessions_full: code(
    'MQTT',
    5101,
    'warn',
    409,
    'The session of an absent client is ended: as many are kept as may be',
  ),
  session_expired: code('MQTT', 5104, 'info', 410, 'The session of an absent client has expired'),
  retained_full: code('MQTT', 5101, 'warn', 409, 'A message is not retained: as many are as may be'),
  tls_failed: code('MQTT', 5104, 'warn', 400, 'Client closed: the TLS handshake failed'),
  protocol_violation: code('MQTT', 5104, 'warn', 400, 'Client closed: it broke the protocol'),
  connect_timeout: code('MQTT', 5104, 'warn', 408, 'Client closed: no CONNECT in time'),
  keepalive_timeout: code(
    'MQTT',
    5104,
    'info',
    408,
    'Client closed: it was silent for longer than its keep alive',
  ),
  keepalive_ceiling: code(
    'MQTT',
    5104,
    'info',
    408,
    'Client closed: it was silent for longer than the longest keep alive',
  ),
  drain_timeout: code('MQTT', 5104, 'warn', 408, 'Client closed: it did not read what it asked for'),
  session_taken_over: code(
    'MQTT',
    5104,
    'info',
    409,
    'Client closed: another one connected with its client id',
  ),
  client_kicked: code('MQTT', 5104, 'info', 409, 'Client closed: an administrator asked for it'),
  connections_full: code('MQTT', 5106, 'warn', 503, 'Client refused: too many connections'),
  address_full: code('MQTT', 5106, 'warn', 503, 'Client refused: too many connections from its address'),
  unauthenticated_full: code(
    'MQTT',
    5106,
    'warn',
    503,
    'Client refused: too many connections have not said who they are',
  ),
  inbound_full: code('MQTT', 5104, 'warn', 413, 'Client closed: it sent more than the inbound buffer takes'),
} as const

/** What an HTTP request can be refused for. */
export const requests = {
  not_authenticated: code('Service', 5406, 'info', 401, 'Not authenticated'),
  account_inactive: code('Service', 5409, 'info', 403, 'Account is inactive'),
  permission_denied: code('Service', 5405, 'info', 403, 'Your role does not allow this'),
  not_found: code('Database', 5307, 'debug', 404, 'Not found'),
  method_not_allowed: code('Validation', 5209, 'debug', 405, 'Method not allowed'),
  already_exists: code('Validation', 5208, 'info', 409, 'Already exists'),
  own_account: code(
    'Service',
    5405,
    'info',
    400,
    'Your own account cannot be deleted; ask another administrator',
  ),
  last_administrator: code(
    'Service',
    5405,
    'info',
    409,
    'The last active administrator stays: make somebody else administrator first',
  ),
  request_invalid: code('Validation', 5209, 'info', 422, 'The request is not valid'),
  request_refused: code('Validation', 5209, 'info', 400, 'The request is refused as it is'),
  limit_refused: code(
    'Service',
    5405,
    'warn',
    400,
    'A limit of the actuator refused the command; the answer says which, and when it could pass',
  ),
  device_offline: code(
    'Config',
    5007,
    'info',
    409,
    'The device is not online; a command is not kept until it comes back',
  ),
  sensor_ambiguous: code('Validation', 5203, 'info', 409, 'Several sensors share that GPIO; say which'),
  gpio_conflict: code(
    'Validation',
    5202,
    'info',
    409,
    'That GPIO is taken or cannot be used so; the answer names its owner',
  ),
  actuator_needed: code(
    'Config',
    5003,
    'info',
    409,
    'An interlock of another actuator names it; change that interlock first',
  ),
  config_too_large: code(
    'Config',
    5010,
    'info',
    413,
    'The device could not be told this: its buffer is smaller; shorten names or metadata',
  ),
  configs_full: code(
    'Config',
    5003,
    'info',
    409,
    'The device has as many sensor configs as it may; delete one first',
  ),
  subzones_full: code(
    'Config',
    5003,
    'info',
    409,
    'The device has as many subzones as it may; remove one first',
  ),
  recompute_busy: code(
    'Service',
    5404,
    'info',
    429,
    'Too many recomputations wait already; try again when one is done',
  ),
  frame_invalid: code(
    'Validation',
    5209,
    'warn',
    400,
    'Realtime frame not understood: {"action":"subscribe"|"unsubscribe","filters":{…}} is',
  ),
  body_too_large: code('Validation', 5209, 'info', 413, 'The body is too large'),
  rate_limited: code('Service', 5404, 'info', 429, 'Too many attempts; try again later'),
} as const

export const codes = { ...refusals, ...faults, ...connections, ...requests } as const

export type Refusal = keyof typeof refusals
export type Fault = keyof typeof faults
export type CodeName = keyof typeof codes
