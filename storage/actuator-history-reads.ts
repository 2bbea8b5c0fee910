/** What is asked of the actuators' history; what is still queued comes with the next call. */
import type { Database } from 'better-sqlite3'
import { sql } from 'kysely'
import type { ActuatorHistoryTable } from './actuator-tables.js'
import { param, prepare, query } from './statement.js'

type Row = Readonly<ActuatorHistoryTable>

export interface ActuatorHistoryReads {
  /** The latest rows of an actuator, newest first; gpio 255 is what happened to the device as a whole. */
  latest(esp_id: string, gpio: number, limit: number): Row[]
  /** How many rows there are of an actuator. */
  total(esp_id: string, gpio: number): number
  /** The latest command of ours among the latest rows of an actuator. */
  lastCommand(esp_id: string, gpio: number): (Row & { readonly correlation_id: string }) | undefined
  /** The row of a command of ours, however long ago it was. */
  row(correlation_id: string): Row | undefined
  /** A row by its number. */
  numbered(id: number): Row | undefined
}

/** How many rows are looked at for a command: what a device does by itself stands between. */
const RECENT = 50

export function createActuatorHistoryReads(db: Database): ActuatorHistoryReads {
  const ofActuator = query
    .selectFrom('actuator_history')
    .where('esp_id', '=', param<string>('esp_id'))
    .where('gpio', '=', param<number>('gpio'))
  const latest = prepare<{ esp_id: string; gpio: number; limit: number }, Row>(
    db,
    ofActuator.selectAll().orderBy('timestamp', 'desc').orderBy('id', 'desc').limit(param<number>('limit')),
  )
  const total = prepare<{ esp_id: string; gpio: number }, { n: number }>(
    db,
    ofActuator.select(({ fn }) => fn.countAll<number>().as('n')),
  )
  const lastCommand = prepare<
    { esp_id: string; gpio: number; limit: number },
    Row & { readonly correlation_id: string }
  >(
    db,
    query
      .selectFrom(
        ofActuator
          .selectAll()
          .orderBy('timestamp', 'desc')
          .orderBy('id', 'desc')
          .limit(param<number>('limit'))
          .as('recent'),
      )
      .selectAll()
      .where('correlation_id', 'is not', null)
      .orderBy('timestamp', 'desc')
      .orderBy('id', 'desc')
      .limit(sql.lit(1)),
  )
  const byCorrelation = prepare<{ correlation_id: string }, Row>(
    db,
    query
      .selectFrom('actuator_history')
      .selectAll()
      .where('correlation_id', '=', param<string>('correlation_id')),
  )
  const byId = prepare<{ id: number }, Row>(
    db,
    query.selectFrom('actuator_history').selectAll().where('id', '=', param<number>('id')),
  )
  return {
    latest: (esp_id, gpio, limit) => latest.all({ esp_id, gpio, limit }),
    total: (esp_id, gpio) => total.get({ esp_id, gpio })!.n,
    lastCommand: (esp_id, gpio) => lastCommand.get({ esp_id, gpio, limit: RECENT }),
    row: (correlation_id) => byCorrelation.get({ correlation_id }),
    numbered: (id) => byId.get({ id }),
  }
}
