/**
 * The safety gate in front of whatever devices obey: commands, emergency stops, broadcasts, configuration. It sees
 * what clients publish before anybody hears it, whoever they are. No rule lets a client command a device yet, so
 * everything that stands here is turned down; what only kaiser itself says always will be.
 */
import { type Gate, nameOf } from './contract/identities.js'
import { filterOf, matchesFilter, toDevice } from './contract/topics.js'

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

/** Literal topics remembered: devices repeat the same ones for ever, and nearly all pass. */
const REMEMBERED = 16_384

/** Under every kaiser_id: through a shared Redis, devices of another one hear it too. */
export function createGate(): Gate {
  const own = KAISERS_OWN.map(filterOf)
  const obeyed = [...OBEYED.map(filterOf), 'kaiser/broadcast/#']
  const known = new Map<string, string | null>()

  const find = (topic: string): string | null => {
    if (own.some((filter) => matchesFilter(filter, topic))) return 'only kaiser itself says this'
    if (obeyed.some((filter) => matchesFilter(filter, topic)))
      return 'devices obey this; it needs a way past the safety rules, and MQTT has none yet'
    return null
  }

  return (topic, _payload, identity) => {
    if (identity.kind === 'system') return undefined
    let detail = known.get(topic)
    if (detail === undefined) {
      if (known.size >= REMEMBERED) known.clear()
      detail = find(topic)
      known.set(topic, detail)
    }
    return detail === null ? undefined : { code: 'command_refused', detail, by: nameOf(identity) }
  }
}
