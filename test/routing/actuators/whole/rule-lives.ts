/**
 * Every command ends, in exactly one final state, within its time to live, and never changes it; it goes through its
 * stages in order. What is over is never told. What somebody was told is accepted, and every end that was announced,
 * outlives a kill, and nothing is switched on by a command without a row; after a power cut only what was synced counts.
 */
import SQLite from 'better-sqlite3'
import type { Rule, Scene } from './scene.js'

export interface LivesRule extends Rule {
  /** Somebody was told that it is accepted. */
  accepted(correlation_id: string): void
  /** It may wait for its device for so long, ms. */
  waits(correlation_id: string, ms: number): void
}

interface Life {
  /** The furthest stage seen. */
  stage: number
  end: string | undefined
  /** How often its end was announced. */
  announced: number
  /** It went out. */
  told: boolean
  /** What may go out before its row is on disk: OFF. */
  off: boolean
  since: number
  accepted: boolean
}

const STAGES = ['pending', 'sent', 'acknowledged']
const FINAL = ['done', 'failed', 'expired', 'superseded', 'refused']
/** ms */
const TIME_TO_LIVE = 30_000
/** It is looked for once a second, from the first look after it was given. */
const CHECK = 2_500

/** It replaces those before it: it did not come to nothing, or is OFF, which is wanted also when it found nobody. */
const counts = ({ state, value }: { state: string; value: number | null }): boolean =>
  !['failed', 'expired', 'refused'].includes(state) || (state === 'failed' && value === 0)
/** Those of a batch do not replace one another. */
const batchOf = ({
  correlation_id,
  command_metadata,
}: {
  correlation_id: string
  command_metadata: string
}) => (JSON.parse(command_metadata) as { batch?: string }).batch ?? correlation_id

interface Row {
  readonly correlation_id: string | null
  readonly state: string
  readonly finished_at: number | null
}

export function createLivesRule({ time, house, blame }: Scene): LivesRule {
  const lives = new Map<string, Life>()
  const patience = new Map<string, number>()
  const lifeOf = (correlation_id: string): Life => {
    const known = lives.get(correlation_id)
    if (known) return known
    const life = {
      stage: 0,
      end: undefined,
      announced: 0,
      told: false,
      off: false,
      since: time.real,
      accepted: false,
    }
    lives.set(correlation_id, life)
    return life
  }

  const reach = (correlation_id: string, state: string): void => {
    const life = lifeOf(correlation_id)
    if (life.end !== undefined) {
      if (life.end !== state) blame(`command ${correlation_id} was ${life.end} and is ${state}`)
    } else if (FINAL.includes(state)) life.end = state
    else {
      const stage = STAGES.indexOf(state)
      if (stage < life.stage) blame(`command ${correlation_id} goes back to ${state}`)
      life.stage = Math.max(stage, life.stage)
    }
  }

  const onDisk = (path: string): Map<string, string> => {
    const db = new SQLite(path, { readonly: true })
    try {
      const rows = db
        .prepare<[], Row>(
          "SELECT correlation_id, state, finished_at FROM actuator_history WHERE issued_by NOT LIKE 'esp32%'",
        )
        .all()
      const states = new Map<string, string>()
      for (const { correlation_id, state, finished_at } of rows) {
        if (states.has(correlation_id!)) blame(`command ${correlation_id} has two rows`)
        if (FINAL.includes(state) && finished_at === null) blame(`command ${correlation_id} ended at no time`)
        states.set(correlation_id!, state)
      }
      return states
    } finally {
      db.close()
    }
  }
  let unsynced = false

  return {
    accepted(correlation_id) {
      lifeOf(correlation_id).accepted = true
    },
    waits: (correlation_id, ms) => void patience.set(correlation_id, ms),
    ordered({ correlation_id, value }) {
      const { end } = lifeOf(correlation_id)
      Object.assign(lifeOf(correlation_id), { told: true, off: value === 0 })
      const row = house()?.store.actuatorHistory.find(correlation_id)
      if (end !== undefined) blame(`command ${correlation_id} is told, and was ${end}`)
      if (!row) blame(`command ${correlation_id} is told, and has no row`)
      else if (FINAL.includes(row.state)) blame(`command ${correlation_id} is told, and is ${row.state}`)
      else if (value > 0)
        for (const newer of house()!.store.actuatorHistory.list(row.esp_id, row.gpio))
          if (newer.id > row.id && counts(newer) && batchOf(newer) !== batchOf(row))
            blame(`command ${correlation_id} is told after ${newer.correlation_id}, which is newer`)
      if (row?.state === 'pending')
        for (const older of house()!.store.actuatorHistory.list(row.esp_id, row.gpio))
          if (older.id < row.id && older.state === 'pending' && !lifeOf(older.correlation_id).told)
            blame(`command ${correlation_id} is told before ${older.correlation_id}`)
    },
    announced(event) {
      if (event.type !== 'actuator_command' && event.type !== 'actuator_command_failed') return
      const { correlation_id, state } = event.data
      reach(correlation_id, state)
      if (FINAL.includes(state) && ++lifeOf(correlation_id).announced > 1)
        blame(`the end of command ${correlation_id} is announced twice`)
    },
    killed(power) {
      unsynced = power
    },
    started(next) {
      const rows = onDisk(next.store.path)
      for (const [correlation_id, life] of lives) {
        const state = rows.get(correlation_id)
        if (life.accepted && state === undefined)
          blame(`command ${correlation_id} was accepted and is forgotten`)
        if (life.told && !life.off && !unsynced && state === undefined)
          blame(`command ${correlation_id} was told before it had a row`)
        const wasEnded = life.announced > 0
        if (wasEnded && !unsynced && state !== life.end)
          blame(`command ${correlation_id} was announced ${life.end} and is ${state} after a restart`)
        if (state === undefined) lives.delete(correlation_id)
        else {
          const isOver = FINAL.includes(state)
          life.end = isOver ? state : undefined
          life.stage = isOver ? 0 : STAGES.indexOf(state)
          if (!isOver) life.announced = 0
          life.since = Math.max(life.since, time.real)
        }
      }
    },
    check() {
      const commands = house()?.store.actuatorHistory.list() ?? []
      for (const { correlation_id, state } of commands) {
        reach(correlation_id, state)
        const age = time.real - lifeOf(correlation_id).since
        const most = patience.get(correlation_id) ?? TIME_TO_LIVE
        if (!FINAL.includes(state) && age > most + CHECK)
          blame(`command ${correlation_id} is still ${state} after ${age} ms`)
      }
    },
    finish({ store }) {
      const rows = onDisk(store.path)
      for (const [correlation_id, state] of rows) {
        if (!FINAL.includes(state)) blame(`command ${correlation_id} is ${state} at the end`)
        const { end, announced } = lifeOf(correlation_id)
        if (end !== state) blame(`command ${correlation_id} was ${end} and is ${state} on disk`)
        if (announced === 0) blame(`the end of command ${correlation_id} (${state}) was never announced`)
      }
      for (const correlation_id of lives.keys())
        if (!rows.has(correlation_id)) blame(`command ${correlation_id} has no row`)
    },
  }
}
