/**
 * A greenhouse for the guard: the real storage objects over SQLite in memory, each change written at once, so that a
 * restart begins from rows; actuators that obey or do not; and two clocks that the test moves, one of which may jump.
 */

import type { Latest, SensorName } from '../../../routing/actuators/freshness.js'
import type { Judgement, Wish } from '../../../routing/actuators/gate.js'
import { createGuard, type Guard, keep } from '../../../routing/actuators/guard.js'
import { keyOf, type Place } from '../../../routing/actuators/place.js'
import type { Coming, Stop } from '../../../routing/actuators/surroundings.js'
import type { Action, Tell } from '../../../routing/actuators/watch.js'
import { type ActuatorFields, createActuatorConfigs } from '../../../storage/actuator-configs.js'
import { createActuatorRuns } from '../../../storage/actuator-runs.js'
import { createActuatorStates } from '../../../storage/actuator-states.js'
import { createActuatorTimers } from '../../../storage/actuator-timers.js'
import { openDatabase } from '../../../storage/database.js'
import type { Group, Writer } from '../../../storage/group.js'
import { NOON } from '../../storage/open.js'
import type { Teardown } from '../../support/app.js'

export const ESP = 'ESP_12AB34CD'
export const at = (gpio: number, esp_id = ESP): Place => ({ esp_id, gpio })

const SHARES = 10

export function createWorld() {
  const db = openDatabase(':memory:')
  const group = { write: <T>(writer: Writer<T>, row: T) => writer.write(row) } as unknown as Group
  const openStore = () => ({
    actuatorConfigs: createActuatorConfigs(db, group),
    actuatorStates: createActuatorStates(db, group),
    actuatorTimers: createActuatorTimers(db, group),
    actuatorRuns: createActuatorRuns(db, group),
  })
  /** Seconds that really passed, and two clocks. */
  const clock = { real: 0, now: NOON, monotonic: 1_000 }
  /** Devices by id that cannot be told anything. */
  const away = new Set<string>()
  /** Actuators that do not do what they are told. */
  const deaf = new Set<string>()
  /** Actuators that may have heard an ON since they were last heard of. */
  const unheard = new Set<string>()
  const stops = new Map<string, Stop>()
  const coming = new Map<string, Coming>()
  const readings = new Map<string, Latest>()
  const driven = new Map<string, SensorName[]>()
  const told: (Tell & { second: number })[] = []

  let store = openStore()
  const start = (): Guard =>
    createGuard({
      store,
      now: () => clock.now,
      monotonic: () => clock.monotonic,
      stopOf: (place) => stops.get(keyOf(place)),
      safeModeOf: () => undefined,
      coming: (place) => coming.get(keyOf(place)),
      mayBeOn: (place) => unheard.has(keyOf(place)),
      reachable: (esp_id) => !away.has(esp_id),
      latest: ({ gpio }) => readings.get(String(gpio)),
      sensorsOfRules: (place) => driven.get(keyOf(place)) ?? [],
    })
  let guard = start()

  const perform = (actions: readonly Action[]): void => {
    keep(store, actions)
    for (const action of actions) {
      if (action.kind !== 'off' && action.kind !== 'set') continue
      told.push({ ...action, second: clock.real })
      if (deaf.has(keyOf(action)) || away.has(action.esp_id)) continue
      world.report(action.gpio, action.value, action.esp_id)
    }
  }

  const world = {
    clock,
    away,
    deaf,
    unheard,
    stops,
    coming,
    driven,
    /** Everything that was told so far. */
    told,
    get store() {
      return store
    },
    get guard() {
      return guard
    },
    configure(gpio: number, actuator_type: string, fields: ActuatorFields = {}, esp_id = ESP) {
      const known = store.actuatorConfigs.find(esp_id, gpio)
      if (known) store.actuatorConfigs.update(known, { actuator_type, ...fields }, clock.now)
      else store.actuatorConfigs.insert(esp_id, gpio, { actuator_type, ...fields }, clock.now)
    },
    /** The actuator says what it is. */
    report(gpio: number, value: number, esp_id = ESP, actuator_type = 'pump') {
      const part = value > 0 && value < 1
      store.actuatorStates.upsert(
        esp_id,
        gpio,
        {
          actuator_type,
          state: value === 0 ? 'off' : part ? 'pwm' : 'on',
          current_value: value,
          stale_since: null,
        },
        clock.now,
      )
      perform(guard.look([at(gpio, esp_id)]))
    },
    value: (gpio: number, esp_id = ESP) => store.actuatorStates.find(esp_id, gpio)?.current_value ?? 0,
    sensor(gpio: number, value: number | null, quality = 'good') {
      readings.set(String(gpio), { timestamp: clock.now, received_at: clock.now, value, quality })
    },
    /** Judges, and when it passes does what issuing does: timers, and the device obeys. */
    command(gpio: number, wish: Partial<Wish> & { command: string }, esp_id = ESP): Judgement {
      const place = at(gpio, esp_id)
      const judged = guard.judge({ ...place, issued_by: 'user:ada', ...wish })
      if (!judged.passes) return judged
      const timer = (kind: 'duration' | 'override', seconds: number) =>
        store.actuatorTimers.upsert({
          ...place,
          kind,
          started_at: clock.now,
          due_at: clock.now + Math.round(seconds * 1000),
        })
      if (judged.duration > 0) timer('duration', judged.duration)
      if (judged.override > 0) timer('override', judged.override)
      if (!deaf.has(keyOf(place)) && !away.has(esp_id)) world.report(gpio, judged.value, esp_id)
      return judged
    },
    look: () => perform(guard.look()),
    /** Lets seconds pass; in each all are looked at, a share after the other. */
    pass(seconds: number) {
      for (let second = 0; second < seconds; second++) {
        clock.real += 1
        clock.now += 1_000
        clock.monotonic += 1_000
        for (let nth = 0; nth < SHARES; nth++) perform(guard.lookAtShare(nth, SHARES))
      }
    },
    /** Kills and starts again after `seconds`; the monotonic clock begins anew. */
    restart(seconds = 0) {
      clock.real += seconds
      clock.now += seconds * 1_000
      clock.monotonic = 777
      store = openStore()
      guard = start()
      world.look()
    },
    jump(seconds: number) {
      clock.now += seconds * 1_000
    },
    /** What was told since the last time this was asked, in short. */
    heard: () => told.splice(0).map(({ gpio, value, limit }) => `${gpio} ${value} ${limit}`),
    close: () => void db.close(),
  }
  return world
}

export type World = ReturnType<typeof createWorld>

/** One that is closed when the test ends. */
export function openWorld(t: Teardown): ReturnType<typeof createWorld> {
  const world = createWorld()
  t.teardown(world.close)
  return world
}
