/** Rows of the table of codes about messages that devices and people publish. */
import { code } from './code.js'

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
