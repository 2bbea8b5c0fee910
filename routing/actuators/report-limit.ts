/**
 * What devices report by themselves goes into the history, but one that reports without end must not push out what
 * happened to the others: a device that was let in has 1,000 rows an hour, beyond that its reports are told, acted on
 * and counted, not kept. Those nobody has let in have a ring of their own.
 */
import type { ActuatorHistory, NewRow } from '../../storage/actuator-history.js'

/** Keeps a reported fact. `known` false: of a device nobody has let in. Inside the group only. */
export type Keep = (row: NewRow, known: boolean, now: number) => void

const HOUR = 3_600_000
const AN_HOUR = 1_000
/** Devices whose hour is counted; beyond, the one that was heard longest ago begins anew. */
const DEVICES = 20_000

/** `left` counts what is not kept. */
export function createKeep({ report }: Pick<ActuatorHistory, 'report'>, left: () => void): Keep {
  const hours = new Map<string, { since: number; rows: number }>()
  return (row, known, now) => {
    if (!known) return report(row, false)
    const counted = hours.get(row.esp_id)
    const current = counted !== undefined && now >= counted.since && now - counted.since < HOUR
    const hour = current ? counted : { since: now, rows: 0 }
    hours.delete(row.esp_id)
    hours.set(row.esp_id, hour)
    if (hours.size > DEVICES) hours.delete(hours.keys().next().value!)
    if (++hour.rows > AN_HOUR) return left()
    report(row, true)
  }
}
