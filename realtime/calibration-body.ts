/** A calibration of the history, and a recomputation, as people read them. */
import Type, { type Static } from 'typebox'
import type { Recomputation } from '../routing/recompute.js'
import type { CalibrationRecord } from '../storage/calibrations.js'
import type { Store } from '../storage/store.js'
import { CalibrationBody } from './sensor-config-body.js'
import { EspId, Gpio, nullable, Time } from './shapes.js'
import { iso } from './web.js'

export const Verdict = Type.Object({
  quality: Type.String({ description: 'of the probe: good, fair or replace' }),
  slope_percent: nullable(
    Type.Number({ description: '% of what an ideal probe has; null where there is no ideal' }),
  ),
  offset: Type.Number({ description: 'what the calibration adds, in the unit of the sensor type' }),
  sentence: Type.String(),
})

const place = {
  esp_id: EspId,
  gpio: Gpio,
  sensor_type: Type.String(),
  address: nullable(Type.String()),
}

export const CalibrationEntry = Type.Object({
  id: Type.Integer(),
  ...place,
  probe_serial: nullable(Type.String()),
  calibration: CalibrationBody,
  verdict: Verdict,
  performed_at: Time,
  performed_by: Type.String(),
  due_at: nullable(Time),
  due: Type.Boolean({ description: 'it is applied and its time has come' }),
  applied: Type.Boolean({ description: 'a sensor config applies it now' }),
  undone_at: nullable(Time),
  undone_by: nullable(Type.String()),
})
export type CalibrationEntry = Static<typeof CalibrationEntry>

/** Ids of the calibrations that configs apply now. */
const appliedIn = (store: Store): ReadonlySet<number> =>
  new Set(store.sensorConfigs.list().flatMap(({ calibration }) => calibration?.id ?? []))

export function calibrationEntries(
  store: Store,
  records: readonly CalibrationRecord[],
  now: number,
): CalibrationEntry[] {
  const applied = appliedIn(store)
  return records.map((record) => ({
    ...record,
    address: record.address || null,
    calibration: { ...record.calibration, points: [...record.calibration.points] },
    performed_at: iso(record.performed_at)!,
    due_at: iso(record.due_at),
    due: applied.has(record.id) && record.due_at !== null && record.due_at <= now,
    applied: applied.has(record.id),
    undone_at: iso(record.undone_at),
  }))
}

export const RecomputationBody = Type.Object({
  id: Type.String(),
  ...place,
  start_time: Time,
  end_time: Time,
  status: Type.Enum(['waiting', 'running', 'done', 'failed']),
  read: Type.Integer({ description: 'readings looked at so far' }),
  changed: Type.Integer({ description: 'readings whose value or quality became another' }),
  requested_by: Type.String(),
  requested_at: Time,
  finished_at: nullable(Time),
  error: nullable(Type.String()),
})

export const recomputationBody = (job: Recomputation): Static<typeof RecomputationBody> => ({
  id: job.id,
  esp_id: job.esp_id,
  gpio: job.gpio,
  sensor_type: job.sensor_type,
  address: job.address || null,
  start_time: iso(job.from)!,
  end_time: iso(job.to)!,
  status: job.status,
  read: job.read,
  changed: job.changed,
  requested_by: job.by,
  requested_at: iso(job.requested_at)!,
  finished_at: iso(job.finished_at),
  error: job.error,
})
