/**
 * The safety gate in front of whatever devices obey: commands, emergency stops, broadcasts, configuration. It sees
 * what clients publish before anybody hears it, whoever they are. What an operator wishes of an actuator, and an
 * emergency stop, kaiser takes for itself: it judges it, and says it to the device in its own words. Everything else
 * that stands here is turned down.
 */
import { type Gate, type Identity, nameOf } from './contract/identities.js'
import { filterOf, matcher, matchesFilter, toDevice } from './contract/topics.js'

/** Only kaiser says this: credentials, whether it is here, and that it hears a device, which feeds a safety timer. */
const KAISERS_OWN = [toDevice.authUpdate, toDevice.serverStatus, toDevice.heartbeatAck]

/**
 * What devices obey. By filter, not by the grammar of the topic: a device may read `actuator/05/command` as one for
 * gpio 5.
 */
const OBEYED = [
  toDevice.actuatorCommand,
  toDevice.actuatorEmergency,
  toDevice.config,
  `${toDevice.config}/#`,
  toDevice.configPart,
  toDevice.systemCommand,
  toDevice.zoneAssign,
  toDevice.subzoneAssign,
  toDevice.subzoneRemove,
  toDevice.subzoneSafe,
  toDevice.libraryStart,
  toDevice.libraryChunk,
  toDevice.libraryComplete,
]

/** What operators may say: kaiser does it, after its own checks. */
const OPERATORS_WORDS = [toDevice.actuatorCommand, toDevice.actuatorEmergency, toDevice.broadcastEmergency]

const isOperator = (identity: Identity): boolean =>
  identity.kind === 'anonymous' || (identity.kind === 'user' && identity.role !== 'viewer')

type Verdict =
  | { readonly kind: 'passes' }
  /** Operators may, and why others may not. */
  | { readonly kind: 'meant' }
  | { readonly kind: 'down'; readonly detail: string }

/** Literal topics remembered: devices repeat the same ones for ever, and nearly all pass. */
const REMEMBERED = 16_384

/** Under every kaiser_id: through a shared Redis, devices of another one hear it too. */
export function createGate(kaiser_id: string): Gate {
  const words = OPERATORS_WORDS.map((template) => matcher(template))
  const own = KAISERS_OWN.map(filterOf)
  const obeyed = [...OBEYED.map(filterOf), 'kaiser/broadcast/#']
  const known = new Map<string, Verdict>()

  const isMeant = (topic: string): boolean =>
    words.some((match) => {
      const levels = match(topic)
      return levels !== undefined && (!('kaiser_id' in levels) || levels.kaiser_id === kaiser_id)
    })
  const find = (topic: string): Verdict => {
    if (own.some((filter) => matchesFilter(filter, topic)))
      return { kind: 'down', detail: 'only kaiser itself says this' }
    if (isMeant(topic)) return { kind: 'meant' }
    if (obeyed.some((filter) => matchesFilter(filter, topic)))
      return { kind: 'down', detail: 'devices obey this; over MQTT it has no way past the checks, use REST' }
    return { kind: 'passes' }
  }

  return (topic, _payload, identity) => {
    if (identity.kind === 'system') return undefined
    let verdict = known.get(topic)
    if (verdict === undefined) {
      if (known.size >= REMEMBERED) known.clear()
      verdict = find(topic)
      known.set(topic, verdict)
    }
    if (verdict.kind === 'passes') return undefined
    const by = nameOf(identity)
    if (verdict.kind === 'down') return { code: 'command_refused', detail: verdict.detail, by }
    if (isOperator(identity)) return { by }
    return { code: 'command_refused', detail: 'only operators command actuators', by }
  }
}
