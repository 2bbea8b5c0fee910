/**
 * What each actuator was reported to be last: from the list, and from events in between. Nothing here is changed by
 * what somebody asked for.
 */
import { shallowReactive } from 'vue'
import type { EventData } from '../../../routing/contract/events.js'
import { call } from '../api.js'
import { createReloading } from '../reloading.js'
import type { ActuatorRow } from '../rest-actuators.js'
import { forgetAlerts, takeAlert } from './alerts.js'
import { asked, listedCommand, millis, placeOf, takeCommand } from './asked.js'

type Times = 'on_since' | 'off_at' | 'reported_at'

export interface Actuator extends Omit<ActuatorRow, Times | 'command'>, Record<Times, number | null> {
  key: string
}

export const actuators = shallowReactive(new Map<string, Actuator>())

const PAGE_SIZE = 100

async function allStates(): Promise<ActuatorRow[]> {
  const found: ActuatorRow[] = []
  for (let page = 1; ; page++) {
    const query = `page=${page}&page_size=${PAGE_SIZE}`
    const answer = await call<{ data: ActuatorRow[]; pagination: { has_next: boolean } }>(
      'GET',
      `/actuators/states?${query}`,
    )
    found.push(...answer.data)
    if (!answer.pagination.has_next || answer.data.length === 0) return found
  }
}

function listed({ command, ...row }: ActuatorRow): Actuator {
  const { on_since, off_at, reported_at } = row
  return {
    ...row,
    key: placeOf(row),
    on_since: millis(on_since),
    off_at: millis(off_at),
    reported_at: millis(reported_at),
  }
}

/** What was heard since the list was asked for is newer than the list; the rest only the list tells. */
function heardOf(
  { state, value, error, emergency, stale_reason, on_since, reported_at }: Actuator,
  row: Actuator,
): Actuator {
  return {
    ...row,
    ...{ state, value, error, emergency, stale_reason, on_since, reported_at },
    off_at: on_since === row.on_since ? row.off_at : null,
  }
}

const reloading = createReloading(async () => {
  const before = new Map(actuators)
  const rows = await allStates()
  return () => {
    const named = new Set<string>()
    for (const row of rows) {
      const next = listed(row)
      named.add(next.key)
      const known = actuators.get(next.key)
      actuators.set(next.key, known && known !== before.get(next.key) ? heardOf(known, next) : next)
      if (row.command) listedCommand(next.key, row.command)
    }
    for (const [key, known] of actuators)
      if (!named.has(key) && before.get(key) === known) actuators.delete(key)
  }
})
export const { load: loadActuators, loading: loadingActuators } = reloading

export function forgetActuators(): void {
  reloading.forget()
  actuators.clear()
  asked.clear()
  forgetAlerts()
}

const unlisted = (esp_id: string, gpio: number, kind: string): Actuator => ({
  ...{ key: placeOf({ esp_id, gpio }), esp_id, gpio, name: null, kind, actuator_type: 'digital' },
  ...{ enabled: null, min_value: 0, max_value: 1, state: null, value: null, on_since: null, off_at: null },
  ...{ reported_at: null, stale_reason: null, error: null, emergency: 'normal' },
  limits: { max_runtime_seconds: 0, min_off_seconds: 0, daily_quota_seconds: null, starts_per_hour: null },
  required_sensors: [],
})

function takeStatus(event: EventData['actuator_status']): void {
  const { esp_id, gpio, state, value, error, emergency, stale_reason, timestamp } = event
  const key = placeOf(event)
  const isNew = !actuators.has(key)
  const known = actuators.get(key) ?? unlisted(esp_id, gpio, event.actuator_type)
  const on_since = event.on_since === null ? null : event.on_since * 1000
  const isSameRun = on_since !== null && known.on_since === on_since
  actuators.set(key, {
    ...known,
    ...{ state, value, error, emergency, stale_reason, on_since },
    off_at: isSameRun ? known.off_at : null,
    reported_at: stale_reason === null ? timestamp * 1000 : known.reported_at,
  })
  // When its timer ends, and what people call it, only the list tells.
  if (isNew || (on_since !== null && !isSameRun)) reloading.soon(1500)
}

/** Lets one event change what is known. */
export function takeActuatorEvent(type: string, data: unknown): void {
  if (type === 'actuator_status') takeStatus(data as EventData['actuator_status'])
  else if (type === 'actuator_command' || type === 'actuator_command_failed')
    takeCommand(data as EventData['actuator_command'])
  else if (type === 'actuator_alert') takeAlert(data as EventData['actuator_alert'])
  // Who was told a configuration may have other actuators now.
  else if (type === 'config_response') reloading.soon(2000)
  else if (type === 'esp_health') takeHealth(data as EventData['esp_health'])
}

/** Who goes takes with it what is known of its actuators; events say so only of those that were on. */
function takeHealth({ esp_id, status }: EventData['esp_health']): void {
  if (status === 'online') return
  const isBelieved = [...actuators.values()].some(
    (actuator) => actuator.esp_id === esp_id && actuator.stale_reason === null && actuator.state !== null,
  )
  if (isBelieved) reloading.soon(500)
}
