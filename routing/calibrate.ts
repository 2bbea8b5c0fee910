/**
 * Calibrations of real sensors: made from points, kept for ever, applied to the sensor's config, taken back. A
 * calibration belongs to its probe where the probe has a serial number, else to the place it was made at: a probe
 * that moves brings its calibration along. Steps on the store; callers are inside the group.
 */
import type { CalibrationRecord, Lineage } from '../storage/calibrations.js'
import type { AppliedCalibration, SensorConfig, SensorKey } from '../storage/sensor-configs.js'
import type { Store } from '../storage/store.js'
import { RequestRefused, refusedField } from './request-refused.js'
import { calibrate } from './sensors/calibration.js'
import type { Library } from './sensors/library.js'
import type { CalibrationPoint } from './sensors/sensor-type.js'

const DAY = 86_400_000

/** A calibration of the history, as a config carries it. */
const applied = ({ id, calibration, performed_at, due_at }: CalibrationRecord): AppliedCalibration => ({
  ...calibration,
  id,
  performed_at,
  due_at,
})

const lineageOf = (
  { esp_id, gpio, sensor_type, address }: SensorKey,
  probe_serial: string | null,
): Lineage => ({ esp_id, gpio, sensor_type, address, probe_serial })

/**
 * What applies when a sensor's probe is another one from now on: that probe's newest calibration. A number that is
 * only now written down belongs to the probe that was there, and so do the calibrations made here; a number that
 * is only taken away changes nothing.
 */
export function calibrationOfProbe(
  store: Store,
  key: SensorKey,
  before: SensorConfig | undefined,
  probe_serial: string | null,
): AppliedCalibration | null {
  const current = before?.calibration ?? null
  if (probe_serial === null) return current
  const probe = lineageOf(key, probe_serial)
  if (store.calibrations.of(probe).length > 0) {
    const newest = store.calibrations.newest(probe)
    return newest ? applied(newest) : null
  }
  if (!before || before.probe_serial !== null) return null
  for (const record of store.calibrations.of(lineageOf(key, null)))
    store.calibrations.update(record, { probe_serial })
  return current
}

/** Does the sensor send values in their unit? Its readings tell; before the first, its config does. */
export function sendsValues(
  store: Store,
  { esp_id, gpio, sensor_type, address, ...config }: SensorConfig,
): boolean {
  const heard = store.readings
    .latest(esp_id)
    .filter((reading) => reading.gpio === gpio && reading.sensor_type === sensor_type)
    .filter((reading) => address === '' || reading.address === address)
    .sort((a, b) => b.timestamp - a.timestamp)[0]
  return heard ? heard.processing_mode === 'local' : config.processing_mode === 'local'
}

export interface CalibrationRequest {
  points: readonly CalibrationPoint[]
  /** °C of the references */
  temperature?: number | null
  probe_serial?: string | null
  /** After how many days it is due again; the type's own period when nobody says. */
  due_days?: number | null
}

/** Makes a calibration and applies it. Throws RequestRefused with what is wrong with the points. */
export function calibrateSensor(
  store: Store,
  library: Library,
  config: SensorConfig,
  { points, temperature = null, probe_serial, due_days }: CalibrationRequest,
  by: string,
  now: number,
): { record: CalibrationRecord; config: SensorConfig } {
  const { sensor_type, params } = config
  const type = library.find(sensor_type)
  if (!type)
    throw refusedField(
      'sensor_type',
      sensor_type,
      'must be one that kaiser knows, GET /api/v1/sensors/types lists them',
    )
  const made = calibrate(type, points, temperature, { params, engineering: sendsValues(store, config) })
  if (typeof made === 'string') throw refusedField('points', points, made)

  const serial = probe_serial || config.probe_serial
  // Written down for the first time with a calibration: those made here before are the same probe's.
  if (serial !== config.probe_serial) calibrationOfProbe(store, config, config, serial)
  const days = due_days ?? type.calibration_days
  const record = store.calibrations.insert({
    ...lineageOf(config, serial),
    calibration: made.calibration,
    verdict: made.verdict,
    performed_at: now,
    performed_by: by,
    due_at: days === null ? null : now + days * DAY,
  })
  const next = store.sensorConfigs.update(config, { calibration: applied(record), probe_serial: serial }, now)
  return { record, config: next }
}

/** Is this calibration one of the sensor's: made here, or of the probe that is here now? */
const concerns = (config: SensorConfig, record: CalibrationRecord): boolean =>
  record.sensor_type === config.sensor_type &&
  ((record.esp_id === config.esp_id && record.gpio === config.gpio && record.address === config.address) ||
    (record.probe_serial !== null && record.probe_serial === config.probe_serial))

/** Every calibration that was made at this sensor or with its probe, newest first. */
export const historyOf = (store: Store, config: SensorConfig): CalibrationRecord[] =>
  store.calibrations
    .list()
    .filter((record) => concerns(config, record))
    .reverse()

/**
 * Takes a calibration back: wherever it is applied, the one before it applies again. Throws RequestRefused when it
 * is none of this sensor's or was taken back already.
 */
export function undoCalibration(
  store: Store,
  config: SensorConfig,
  id: number,
  by: string,
  now: number,
): { record: CalibrationRecord; previous: CalibrationRecord | null } {
  const known = store.calibrations.get(id)
  if (!known || !concerns(config, known))
    throw new RequestRefused(
      'not_found',
      `${config.sensor_type} on GPIO ${config.gpio} of ${config.esp_id} has no calibration ${id}`,
    )
  if (known.undone_at !== null)
    throw new RequestRefused(
      'request_refused',
      `Calibration ${id} was taken back already, by ${known.undone_by}`,
    )
  const record = store.calibrations.update(known, { undone_at: now, undone_by: by })
  const previous = store.calibrations.newest(record) ?? null
  for (const one of store.sensorConfigs.list())
    if (one.calibration?.id === id)
      store.sensorConfigs.update(one, { calibration: previous && applied(previous) }, now)
  return { record, previous }
}
