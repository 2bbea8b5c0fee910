/**
 * Actuators as one thing for those who use them: commands, limits and emergency stops, introduced to one another.
 * Made when the database is open and before anybody may act.
 */
import type { Device } from '../storage/devices.js'
import type { Store } from '../storage/store.js'
import { type CommandBook, createBook } from './actuators/book.js'
import { type Commands, createCommands } from './actuators/commands.js'
import { createEnforcement } from './actuators/enforcement.js'
import type { Latest, SensorName } from './actuators/freshness.js'
import { createGuard, type Guard } from './actuators/guard.js'
import type { Place } from './actuators/place.js'
import { createReassert, type Reassert } from './actuators/reassert.js'
import { gpiosOf } from './actuators/reports.js'
import { createSending, type SendCommandNow } from './actuators/sending.js'
import type { Coming } from './actuators/surroundings.js'
import { createUnheard } from './actuators/unheard.js'
import type { DeviceAudit } from './audit.js'
import type { Report } from './contract/codes.js'
import type { Effect, StopActuators, SwitchOff } from './effect.js'
import { createRelease, type Release } from './emergency/release.js'
import { createStops, type Stops } from './emergency/stops.js'
import { createStopTelling, type SendStopNow } from './emergency/telling.js'
import { type Every, every as really } from './every.js'
import type { Speak } from './speech.js'
import type { Tell } from './tell.js'
import { safeModeOf } from './zones/safe-mode.js'

export interface Actuators extends Pick<Commands, 'issue' | 'off'>, Pick<Reassert, 'heardAgain'> {
  readonly book: CommandBook
  readonly guard: Pick<Guard, 'judge' | 'surroundings'>
  readonly stops: Pick<Stops, 'trigger' | 'of'>
  readonly release: Release
  /** What these reports, or a command, make necessary at once. Inside the group. */
  look(now: number, places: readonly Place[]): Effect[]
  /** The device listens: what stops it, then its config as it is given here, then what waits. Inside the group. */
  returned(device: Device, config: readonly Effect[], now: number): Effect[]
  /** The same, where its config has to wait: what stops it, and OFF; nothing is switched on until `resumed`. Inside the group. */
  stopped(device: Device, now: number): Effect[]
  /** Its config, and then what waits for it; nothing when it is away again. Inside the group. */
  resumed(device: Device, config: readonly Effect[], now: number): Effect[]
  /** Performs `send_command`. */
  readonly sendCommand: SendCommandNow
  /** Performs `send_stop`. */
  readonly sendStop: SendStopNow
  /** Performs `switch_off`. */
  switchOff(request: SwitchOff): void
  /** Performs `stop_actuators`. */
  stopActuators(request: StopActuators): void
  /** Performs `say_off`. */
  sayOff(correlation_id: string): void
  /** Looks once a second from now on; the first look is done when this returns. */
  start(): void
  close(): void
}

export interface ActuatorsOptions {
  store: Store
  kaiser_id: string
  tell: Tell
  /** Is there a connection that obeys what this device is told? */
  reachable: (esp_id: string) => boolean
  /** A sensor type by the word it is stored by. */
  normalise: (sensor_type: string) => string
  /** What the rules that drive an actuator read. */
  sensorsOfRules: (place: Place) => readonly SensorName[]
  audit: DeviceAudit
  report: Report
  speak: Speak
  /** ms since 1970 */
  now: () => number
  /** ms */
  monotonic: () => number
  every?: Every | undefined
}

/** How often each is looked at, ms, */
const EVERY = 1_000
/** and how many shares of them take turns in that time: however many they are, nobody waits for all of them. */
const SHARES = 10
const TURN = EVERY / SHARES
/** OFFs that are settled in one turn of the loop. */
const SHARE = 100

export function createActuators(options: ActuatorsOptions): Actuators {
  const { store, kaiser_id, tell, reachable, audit, speak, now, monotonic, every = really } = options
  const book = createBook(store)
  const stops = createStops({ store, book, commands: () => commands, reachable })
  const guard = createGuard({
    store,
    stopOf: stops.stopOf,
    safeModeOf: (place) => safeModeOf(store, place),
    coming: (place) => comingOf(book, place),
    mayBeOn: createUnheard(store, book),
    reachable,
    sensorsOfRules: options.sensorsOfRules,
    latest: createLatest(store, options.normalise),
    now,
    monotonic,
  })
  const commands = createCommands({ store, book, guard, reachable, audit, report: options.report })
  /** Devices that are to have their config before anything is switched on. */
  const held = new Set<string>()
  const isHeld = (esp_id: string): boolean => held.has(esp_id)
  const reassert = createReassert({ store, book, commands, reachable, isHeld, now, monotonic })
  const enforcement = createEnforcement({ store, guard, commands, audit })
  const sendStop = createStopTelling({ store, stops, kaiser_id, tell, speak, reachable, now })
  let timer: ReturnType<Every> | undefined

  const sendCommand = createSending({ store, book, kaiser_id, tell, speak, now })

  /** OFFs that have a row and were said: what else is written of them follows, a share in each turn of the loop. */
  const said: string[] = []
  const follow = (): void => {
    const share = said.splice(0, SHARE)
    speak(() => {
      const at = now()
      return share.flatMap((correlation_id) => commands.settleOff(correlation_id, at))
    })
    if (said.length > 0) setImmediate(follow)
  }

  const lookAtAll = (): void =>
    speak(() => {
      const at = now()
      return [...stops.look(at), ...enforcement.look(at), ...reassert.look(at)]
    })

  /** Turns since whenever, by the clock: after a turn of the loop that took long all that are due come at once. */
  const turnNow = (): number => Math.floor(monotonic() / TURN)
  let last = 0
  const takeTurns = (): void => {
    const [from, to] = [Math.max(last + 1, turnNow() - SHARES + 1), turnNow()]
    last = to
    if (from > to) return
    speak(() => {
      const at = now()
      const effects: Effect[] = []
      for (let turn = from; turn <= to; turn++) {
        const nth = turn % SHARES
        if (nth === 0) effects.push(...stops.look(at))
        effects.push(...enforcement.lookAtShare(at, nth, SHARES))
        if (nth === 0) effects.push(...reassert.look(at))
      }
      return effects
    })
  }

  /** What comes before all else when it listens. */
  const stopping = (device: Device, at: number): Effect[] => {
    const { device_id: esp_id } = device
    const places = gpiosOf(store, esp_id).map((gpio) => ({ esp_id, gpio }))
    reassert.returned(places, at)
    return [...stops.returned(device, at), ...enforcement.look(at, places)]
  }

  return {
    book,
    guard,
    stops,
    release: createRelease(store),
    issue(request, at) {
      reassert.settle(at)
      return commands.issue(request, at)
    },
    off: commands.off,
    heardAgain: reassert.heardAgain,
    look(at, places) {
      reassert.reported(places, at)
      return enforcement.look(at, places)
    },
    returned(device, config, at) {
      held.delete(device.device_id)
      return onceEach([...stopping(device, at), ...config, ...commands.resume(device.device_id, at)])
    },
    stopped(device, at) {
      held.add(device.device_id)
      return onceEach([...stopping(device, at), ...commands.resume(device.device_id, at, 'off')])
    },
    resumed(device, config, at) {
      const { device_id: esp_id } = device
      held.delete(esp_id)
      return reachable(esp_id) ? [...config, ...commands.resume(esp_id, at, 'on')] : []
    },
    sendCommand,
    sendStop,
    switchOff({ esp_id, gpio, reason }) {
      speak(() => commands.off({ esp_id, gpio, issued_by: `gate:${reason}` }, now()))
    },
    stopActuators({ esp_id, gpios, issued_by }) {
      speak(() => {
        const at = now()
        return gpios.flatMap((gpio) => commands.offAtOnce({ esp_id, gpio }, issued_by, at))
      })
    },
    sayOff(correlation_id) {
      sendCommand(correlation_id, true)
      if (said.push(correlation_id) === 1) setImmediate(follow)
    },
    start() {
      lookAtAll()
      last = turnNow()
      timer = every(TURN, takeTurns)
    },
    close: () => timer?.stop(),
  }
}

/** A command that several want to be said is said once, as the first of them has it. */
function onceEach(effects: readonly Effect[]): Effect[] {
  const said = new Set<string>()
  return effects.filter(
    (effect) =>
      effect.kind !== 'send_command' || (!said.has(effect.correlation_id) && said.add(effect.correlation_id)),
  )
}

/** The last word that is on its way. */
function comingOf(book: CommandBook, { esp_id, gpio }: Place): Coming {
  const last = book.unfinished(esp_id, gpio).at(-1)
  return last && ((last.value ?? 0) > 0 ? 'on' : 'off')
}

const createLatest =
  ({ readings }: Store, normalise: (sensor_type: string) => string) =>
  ({ esp_id, gpio, sensor_type, address }: SensorName): Latest | undefined => {
    const type = normalise(sensor_type)
    try {
      const [latest] = readings
        .latest(esp_id)
        .filter(
          (reading) =>
            reading.gpio === gpio &&
            reading.sensor_type === type &&
            (address === undefined || reading.address === address),
        )
        .sort((a, b) => b.received_at - a.received_at)
      if (!latest) return undefined
      const { timestamp, received_at, processed_value, quality } = latest
      return { timestamp, received_at, value: processed_value, quality }
    } catch {
      // The disk cannot be read now; what was heard before counts, and grows old.
      return undefined
    }
  }
