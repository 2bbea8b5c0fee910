/**
 * A house with a past: 1,000 devices of five sensors each and 5 million readings, written straight into the
 * history in its own order. 1,735 sensors have a whole day of a reading per 30 s, the others one reading. One
 * sensor more has a whole year of them.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { openDatabase } from '../../storage/database.js'
import { createHistoryNote, nothingBySource } from '../../storage/readings-by-source.js'

export const DEVICES = 1_000
export const SENSORS = 5 * DEVICES
export const READINGS = 5_000_000
/** Of a sensor and a day. */
export const PER_DAY = 2_880
const EVERY_MS = 86_400_000 / PER_DAY
const WITH_A_DAY = Math.floor((READINGS - SENSORS) / (PER_DAY - 1))
/** The end of that day. */
export const END = Date.UTC(2025, 5, 2)

/** How many readings there are in truth. */
export const WRITTEN = WITH_A_DAY * PER_DAY + (SENSORS - WITH_A_DAY)

/** Device and gpio of the n-th sensor that has a whole day. */
export const sensorOf = (n: number): { esp_id: string; gpio: number } => {
  const index = n % WITH_A_DAY
  return { esp_id: `ESP_${String(Math.floor(index / 5)).padStart(8, '0')}`, gpio: index % 5 }
}

/** The sensor with a year, and how many readings that is. */
export const OF_A_YEAR = { esp_id: 'ESP_00001000', gpio: 0 }
export const PER_YEAR = 365 * PER_DAY
export const YEAR_MS = PER_YEAR * EVERY_MS

/** Makes the database of a data directory. */
export function writeHistory(data: string): void {
  mkdirSync(data, { recursive: true })
  const db = openDatabase(join(data, 'kaiser.db'))
  db.pragma('synchronous = OFF')
  db.pragma('cache_size = -64000')
  db.exec(`
    BEGIN;
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${SENSORS})
    INSERT INTO sensors SELECT i, printf('ESP_%08d', (i - 1) / 5), (i - 1) % 5, 'ds18b20', '', 0 FROM n;
    WITH RECURSIVE t(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM t WHERE k < ${PER_DAY - 1})
    INSERT INTO readings_history
      SELECT s.id, ${END - 86_400_000} + t.k * ${EVERY_MS}, t.k * ${SENSORS} + s.id,
             20 + (s.id * 7 + t.k * 13) % 1000 / 100.0, 20 + (s.id * 7 + t.k * 13) % 1000 / 100.0, '°C', 1, 0,
             ${END - 86_400_000} + t.k * ${EVERY_MS} + 40, 0, t.k, 1, 'tent_1', NULL, 0
        FROM sensors s, t WHERE s.id <= ${WITH_A_DAY} ORDER BY s.id, t.k;
    INSERT INTO readings_history
      SELECT id, ${END - EVERY_MS}, ${(PER_DAY - 1) * SENSORS} + id, 21.5, 21.5, '°C', 1, 0, ${END - EVERY_MS}, 0, 1, 1,
             'tent_1', NULL, 0
        FROM sensors WHERE id > ${WITH_A_DAY};
    INSERT INTO sensors VALUES (${SENSORS + 1}, '${OF_A_YEAR.esp_id}', ${OF_A_YEAR.gpio}, 'ds18b20', '', 0);
    WITH RECURSIVE t(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM t WHERE k < ${PER_YEAR - 1})
    INSERT INTO readings_history
      SELECT ${SENSORS + 1}, ${END - YEAR_MS} + k * ${EVERY_MS}, ${PER_DAY * SENSORS + 1} + k,
             20 + k * 7919 % 10007 / 1000.0, 20 + k * 7919 % 10007 / 1000.0, '°C', 1, 0,
             ${END - YEAR_MS} + k * ${EVERY_MS} + 40, 0, k, 1, 'tent_1', NULL, 0 FROM t;
    UPDATE compaction SET cutoff = ${PER_DAY * SENSORS + 1 + PER_YEAR}, sensor_id = ${Number.MAX_SAFE_INTEGER};
    COMMIT`)
  createHistoryNote(db).write({ ...nothingBySource(), production: WRITTEN + PER_YEAR }, END)
  db.pragma('wal_checkpoint(TRUNCATE)')
  db.close()
}
