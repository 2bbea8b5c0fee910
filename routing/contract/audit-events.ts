/**
 * What the audit knows: every kind of entry with its category, the severities with their colours, the sources.
 * One table for those who write entries, for REST and for pages. Names: protocol.md §4 and, below the line, ours.
 */
export type AuditCategory = 'Config' | 'Auth' | 'Security' | 'Operations' | 'Errors'

interface AuditEvent {
  category: AuditCategory
  description: string
}

const event = (category: AuditCategory, description: string): AuditEvent => ({ category, description })

export const AUDIT_EVENTS = {
  config_response: event('Config', 'A device answered a configuration'),
  config_published: event('Config', 'A configuration was sent to a device'),
  config_failed: event('Config', 'A configuration could not be sent or was refused'),
  config_offline_rules_stripped: event(
    'Config',
    'Rules a device cannot run alone were left out of its configuration',
  ),
  login_success: event('Auth', 'Somebody logged in'),
  login_failed: event('Auth', 'A login failed'),
  logout: event('Auth', 'Somebody logged out'),
  token_revoked: event('Auth', 'Tokens were made invalid'),
  permission_denied: event('Security', 'Somebody asked for what their role does not allow'),
  api_key_invalid: event('Security', 'A key was not accepted'),
  rate_limit_exceeded: event('Security', 'Somebody asked too often'),
  emergency_stop: event('Security', 'An emergency stop was triggered'),
  service_start: event('Operations', 'kaiser started'),
  service_stop: event('Operations', 'kaiser stopped'),
  device_registered: event('Operations', 'A device was registered'),
  device_discovered: event('Operations', 'An unknown device asked to be let in'),
  device_rediscovered: event('Operations', 'A rejected device asked again'),
  device_approved: event('Operations', 'A device was let in'),
  device_rejected: event('Operations', 'A device was shut out'),
  device_online: event('Operations', 'A device came online'),
  device_offline: event('Operations', 'A device went silent'),
  lwt_received: event('Operations', 'A device lost its connection; its Will Message arrived'),
  actuator_command: event('Operations', 'An actuator was commanded'),
  actuator_limited: event('Operations', 'A limit of an actuator switched it off, or to its safe value'),
  emergency_armed: event('Security', 'The release of an emergency stop was armed'),
  emergency_released: event('Security', 'An emergency stop was released'),
  intent_outcome_lifecycle: event('Operations', 'A command of a device reached its end'),
  actuator_command_failed: event('Errors', 'A command to an actuator failed'),
  mqtt_error: event('Errors', 'A device reported an error, or MQTT failed'),
  database_error: event('Errors', 'Storage failed or recovered'),
  validation_error: event('Errors', 'A message was not what it should be'),
  api_error: event('Errors', 'A request failed inside kaiser'),

  setup_completed: event('Auth', 'The first administrator was created'),
  token_issued: event('Auth', 'A token was issued on the command line'),
  user_created: event('Security', 'A user was created'),
  user_changed: event('Security', 'A user was changed'),
  user_deleted: event('Security', 'A user was deleted'),
  password_changed: event('Security', 'Somebody changed their own password'),
  password_reset: event('Security', 'An administrator gave somebody a new password'),
  device_changed: event('Operations', 'What people say about a device was changed'),
  client_kicked: event('Security', 'An administrator closed the connection of an MQTT client'),
  retained_cleared: event('Operations', 'Retained messages were cleared'),
  command_response: event('Operations', 'A device said what became of a command'),
  sensor_response: event('Operations', 'A sensor said what became of a command'),
  actuator_alert: event('Errors', 'A device reported that something is wrong with an actuator'),
  actuator_response: event('Operations', 'A device answered a command that failed, or was none of ours'),
  emergency_ack: event('Security', 'A device said what became of an emergency stop'),
  emergency_cleared: event('Security', 'A device is in an emergency no more'),
  safe_mode: event('Operations', 'A device went into safe mode, or left it'),
  device_command: event('Operations', 'A device was told to restart or to reset'),
  device_removed: event('Operations', 'A device was removed; its readings stay'),
  command_refused: event('Security', 'A message that devices obey was turned down'),
  pairing_opened: event('Security', 'A pairing window was opened'),
  pairing_closed: event('Security', 'A pairing window was closed'),
  device_paired: event('Security', 'A device proved the claim code and waits for approval'),
  credentials_issued: event('Security', 'A device was given a new password'),
  credentials_taken: event('Security', 'A device said what became of the credentials it was told'),
  sensor_config_changed: event('Config', 'How a sensor is read was changed'),
  sensor_config_deleted: event('Config', 'How a sensor is read was forgotten; its readings stay'),
  actuator_config_changed: event('Config', 'What is connected to a pin, or its limits, was changed'),
  actuator_config_deleted: event('Config', 'What is connected to a pin was forgotten; it was told OFF first'),
  sensor_calibrated: event('Operations', 'A sensor was calibrated'),
  calibration_undone: event('Operations', 'A calibration was taken back'),
  readings_recomputed: event('Operations', 'Values of a past period were computed again'),
  sensor_command: event('Operations', 'A sensor was told to measure'),
  zone_assigned: event('Operations', 'A device was put into a zone'),
  zone_removed: event('Operations', 'A device was taken out of its zone'),
  zone_acknowledged: event('Operations', 'A device said what became of its zone'),
  subzone_assigned: event('Operations', 'Some gpios of a device were made a subzone'),
  subzone_removed: event('Operations', 'A subzone was removed'),
  subzone_safe_mode: event('Operations', 'A subzone was told to rest, or to work again'),
  subzone_acknowledged: event('Operations', 'A device said what became of a subzone'),
  site_changed: event('Config', 'The name of the site, its time zone or its first run was changed'),
  retention_changed: event('Config', 'The retention of the audit was changed'),
  certificate_renewed: event('Operations', 'The certificate of the server was renewed, or could not be'),
  audit_cleaned: event('Operations', 'Old entries of the audit were deleted'),
} as const satisfies Readonly<Record<string, AuditEvent>>

export type AuditEventName = keyof typeof AUDIT_EVENTS

/** Least first; the colours are those the pages paint badges with. */
export const SEVERITIES = {
  info: { description: 'Nothing to do', color: 'blue' },
  warning: { description: 'Worth a look', color: 'yellow' },
  error: { description: 'Something failed', color: 'red' },
  critical: { description: 'Act now', color: 'purple' },
} as const

export type Severity = keyof typeof SEVERITIES

/** Who or what an entry is about. */
export const SOURCE_TYPES = ['esp32', 'user', 'system', 'api', 'mqtt', 'scheduler'] as const
export type SourceType = (typeof SOURCE_TYPES)[number]
