/** Rows of the table of codes about kaiser itself: what breaks, and what it does about it. */
import { code } from './code.js'

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
