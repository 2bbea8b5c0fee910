/**
 * Every calibration ever made, in order, in memory and in rows. They outlive configs and devices, because they
 * belong to the probe: one that is taken back stays in the history. People calibrate, devices cannot, so their
 * number is small.
 */
import type { Database } from 'better-sqlite3'
import type { Group, Writer } from './group.js'
import { param, params, prepare, query } from './statement.js'
import type { CalibrationsTable } from './tables.js'

/** A calibration as JSON keeps it; routing/sensors knows what it means. */
export interface KeptCalibration {
  readonly method: 'offset' | 'linear' | 'dry_wet' | 'factor'
  readonly points: readonly { readonly raw: number; readonly reference: number }[]
  /** °C of the references, null when nobody said */
  readonly temperature: number | null
  readonly coefficients: Readonly<Record<string, number>>
}

/** What it says about the probe, in words and numbers. */
export interface KeptVerdict {
  readonly quality: string
  readonly slope_percent: number | null
  readonly offset: number
  readonly sentence: string
}

/** The row, with its JSON parsed. Times are ms since 1970. */
export interface CalibrationRecord extends Readonly<Omit<CalibrationsTable, 'calibration' | 'verdict'>> {
  readonly calibration: KeptCalibration
  readonly verdict: KeptVerdict
}

/**
 * Whose calibrations: those of a probe, wherever it was, or, where nobody knows the probe's serial number, those
 * of a place.
 */
export interface Lineage {
  readonly esp_id: string
  readonly gpio: number
  readonly sensor_type: string
  readonly address: string
  readonly probe_serial: string | null
}

export interface Calibrations {
  get(id: number): CalibrationRecord | undefined
  /** All, oldest first. */
  list(): CalibrationRecord[]
  /** Of this probe, or of this place where the probe is not known; oldest first, also those taken back. */
  of(lineage: Lineage): CalibrationRecord[]
  /** The newest that was not taken back. */
  newest(lineage: Lineage): CalibrationRecord | undefined
  /** Queues a new row. */
  insert(fields: Omit<CalibrationRecord, 'id' | 'undone_at' | 'undone_by'>): CalibrationRecord
  /** Queues the changed row; returns the new record. */
  update(
    record: CalibrationRecord,
    changes: Partial<Pick<CalibrationRecord, 'probe_serial' | 'undone_at' | 'undone_by'>>,
  ): CalibrationRecord
}

const COLUMNS = [
  'id',
  'esp_id',
  'gpio',
  'sensor_type',
  'address',
  'probe_serial',
  'calibration',
  'verdict',
  'performed_at',
  'performed_by',
  'due_at',
  'undone_at',
  'undone_by',
] as const satisfies readonly (keyof CalibrationsTable)[]

const recordOf = (row: CalibrationsTable): CalibrationRecord =>
  Object.freeze({
    ...row,
    calibration: JSON.parse(row.calibration) as KeptCalibration,
    verdict: JSON.parse(row.verdict) as KeptVerdict,
  })

const rowOf = (record: CalibrationRecord): CalibrationsTable => ({
  ...record,
  calibration: JSON.stringify(record.calibration),
  verdict: JSON.stringify(record.verdict),
})

const isOf = (
  { esp_id, gpio, sensor_type, address, probe_serial }: Lineage,
  record: CalibrationRecord,
): boolean =>
  record.sensor_type === sensor_type &&
  record.probe_serial === probe_serial &&
  (probe_serial !== null || (record.esp_id === esp_id && record.gpio === gpio && record.address === address))

interface Change {
  before: CalibrationRecord | undefined
  after: CalibrationRecord
}

export function createCalibrations(db: Database, group: Group): Calibrations {
  const insert = prepare<CalibrationsTable>(
    db,
    query.insertInto('calibrations').values(params<CalibrationsTable>(COLUMNS)),
  )
  const update = prepare<CalibrationsTable>(
    db,
    query
      .updateTable('calibrations')
      .set(params<CalibrationsTable>(COLUMNS))
      .where('id', '=', param<number>('id')),
  )
  const records = new Map<number, CalibrationRecord>()
  for (const row of prepare<object, CalibrationsTable>(
    db,
    query.selectFrom('calibrations').selectAll().orderBy('id'),
  ).all({}))
    records.set(row.id, recordOf(row))
  let lastId = Math.max(0, ...records.keys())

  const writer: Writer<Change> = {
    write: ({ before, after }) => void (before ? update : insert).run(rowOf(after)),
    undo({ before, after }) {
      if (records.get(after.id) !== after) return
      if (before) records.set(after.id, before)
      else records.delete(after.id)
    },
  }

  const of = (lineage: Lineage): CalibrationRecord[] =>
    [...records.values()].filter((record) => isOf(lineage, record))

  return {
    get: (id) => records.get(id),
    list: () => [...records.values()],
    of,
    newest: (lineage) => of(lineage).findLast(({ undone_at }) => undone_at === null),
    insert(fields) {
      const after = Object.freeze({ ...fields, id: ++lastId, undone_at: null, undone_by: null })
      records.set(after.id, after)
      group.write(writer, { before: undefined, after })
      return after
    },
    update(record, changes) {
      const after = Object.freeze({ ...record, ...changes })
      records.set(after.id, after)
      group.write(writer, { before: record, after })
      return after
    },
  }
}
