/** What is wrong with the server itself, as `/health` and `/system` warn of it. */
import { speakerOf } from '../said.js'

export const HEALTH_WARNINGS = {
  storage: 'storage is {state}',
  mqtt: 'MQTT is not served',
  redis: 'Redis is lost: {detail}',
  disk_space: 'only {megabytes} MB of disk are free',
  certificate_expired: 'the certificate expired at {expires_at}',
  certificate_unusable: 'a new certificate cannot be used: {reason}',
  certificate_expires: 'the certificate expires in {days} days',
} as const

export const healthWarning = speakerOf(HEALTH_WARNINGS)
