/**
 * What kaiser writes down about itself: start and stop, storage that fails and recovers, listeners that die,
 * certificates that are renewed.
 * Each entry stands on its own and waits for nobody; while storage fails it waits in memory.
 */
import type { AuditEntry, AuditLogs } from '../storage/audit-logs.js'
import type { StorageState } from '../storage/store.js'
import { createDeviceAudit } from './audit.js'

export interface SystemAudit {
  started(version: string): void
  stopped(version: string): void
  /** Storage came into this state. */
  storage(state: StorageState, detail: string): void
  /** MQTT itself failed, not a device. */
  mqttFailed(detail: string): void
  /** Redis came into this state. */
  redis(state: 'up' | 'lost', detail: string): void
  /** The server has another certificate; with `failed` it has not, and why. */
  certificate(details: object, failed?: string): void
}

const STORAGE = {
  ok: { severity: 'info', status: 'success', error_code: null, message: 'Storage takes writes again' },
  failing: {
    severity: 'error',
    status: 'failed',
    error_code: 'storage_unavailable',
    message: 'Storage fails',
  },
  open: {
    severity: 'critical',
    status: 'failed',
    error_code: 'breaker_open',
    message: 'Storage goes on failing; it is only probed now',
  },
} as const

const REDIS = {
  up: { severity: 'info', status: 'success', error_code: null, message: 'Redis is there' },
  lost: {
    severity: 'error',
    status: 'failed',
    error_code: 'redis_unavailable',
    message: 'Redis is lost',
  },
} as const

/** `left` counts what was left out: a disk that comes and goes writes of it once a minute. */
export function createSystemAudit(auditLogs: AuditLogs, now: () => number, left: () => void): SystemAudit {
  const audit = createDeviceAudit({ insert: auditLogs.note }, left)
  const service = (event_type: 'service_start' | 'service_stop', message: string, version: string): void =>
    auditLogs.note(
      {
        event_type,
        severity: 'info',
        source_type: 'system',
        source_id: 'kaiser',
        status: 'success',
        message,
        details: { version },
      },
      now(),
    )
  const failure = (
    entry: Pick<AuditEntry, 'event_type' | 'severity' | 'status' | 'source_type'> &
      Partial<AuditEntry> & { source_id: string },
  ): void => audit.record(entry, now())

  return {
    started: (version) => service('service_start', `kaiser ${version} is ready`, version),
    stopped: (version) => service('service_stop', `kaiser ${version} stops`, version),
    storage: (state, detail) =>
      failure({
        event_type: 'database_error',
        source_type: 'system',
        source_id: 'storage',
        error_description: detail || null,
        details: { state },
        ...STORAGE[state],
      }),
    mqttFailed: (detail) =>
      failure({
        event_type: 'mqtt_error',
        severity: 'error',
        source_type: 'mqtt',
        source_id: 'listener',
        status: 'failed',
        error_code: 'listener_failed',
        message: 'The MQTT listener failed',
        error_description: detail,
      }),
    redis: (state, detail) =>
      failure({
        event_type: 'mqtt_error',
        source_type: 'mqtt',
        source_id: 'redis',
        error_description: detail || null,
        details: { state },
        ...REDIS[state],
      }),
    certificate: (details, failed) =>
      failure({
        event_type: 'certificate_renewed',
        severity: failed === undefined ? 'info' : 'error',
        source_type: 'system',
        source_id: 'tls',
        status: failed === undefined ? 'success' : 'failed',
        error_code: failed === undefined ? null : 'tls_reload_failed',
        message: failed === undefined ? 'The certificate was renewed' : 'The new certificate cannot be used',
        error_description: failed ?? null,
        details,
      }),
  }
}
