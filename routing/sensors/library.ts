/**
 * The sensor library: the table of all types, and finding one by any word a device or a person uses for it.
 *
 * `createLibrary()` starts with the built-in table. `find(word)` is one Map look-up for every spelling seen
 * before, upper or lower case, with `-`, `_`, `.`, blanks or none; undefined for a word that names no type.
 * Types that a user's module brings are descriptions with `remote: true`: they are found and listed like the
 * others and converted elsewhere. `add` answers a sentence when it refuses one (built-in names win, and so does
 * who came first), else undefined; `remove` takes a user's type out again. What `find` gave before stays usable.
 * `convert`, `engineering` and `settle` are plain functions of convert.ts.
 */
import { computeds } from './computed.js'
import { gases } from './gas.js'
import { generics } from './generic.js'
import { humidities } from './humidity.js'
import { lights } from './light.js'
import { pressures } from './pressure.js'
import type { SensorType, SensorTypeDescription } from './sensor-type.js'
import { soils } from './soil.js'
import { temperatures } from './temperature.js'
import { waters } from './water.js'
import { weights } from './weight.js'

export { convert, engineering, settle } from './convert.js'

/** The built-in table. */
export const sensorTypes: readonly SensorType[] = [
  ...temperatures,
  ...humidities,
  ...pressures,
  ...gases,
  ...lights,
  ...waters,
  ...soils,
  ...weights,
  ...generics,
  ...computeds,
]

/** A type whose conversion lives in a user's module, off the event loop. */
export type RemoteType = SensorTypeDescription & { readonly remote: true }
export type KnownType = SensorType | RemoteType

export const isRemote = (type: KnownType): type is RemoteType => 'remote' in type

export interface Library {
  /** The type a word means, in any case and spelling; undefined for an unknown one. */
  find(word: string): KnownType | undefined
  /** The name it is stored and filtered under: the canonical one, or the word itself in lower case. */
  normalise(word: string): string
  /** Everything known, without functions; a user's types carry `remote: true`. */
  list(): (SensorTypeDescription & { remote?: true })[]
  /** Adds a user's type; a sentence says why it was refused. */
  add(type: RemoteType): string | undefined
  /** Takes a user's type out; false when there is none of that name. */
  remove(type: string): boolean
}

/** Spellings remembered; devices repeat the same few for ever, and strangers may not fill the memory. */
const SPELLINGS = 2000

const keyOf = (word: string): string => word.toLowerCase().replace(/[-_. ]/g, '')
const keysOf = ({ type, aliases }: SensorTypeDescription): string[] => [
  ...new Set([type, ...aliases].map(keyOf)),
]

/** What can be shown and sent of an entry. */
export const describe = (entry: KnownType): SensorTypeDescription & { remote?: true } => ({
  type: entry.type,
  aliases: entry.aliases,
  name: entry.name,
  unit: entry.unit,
  decimals: entry.decimals,
  quantity: entry.quantity,
  range: entry.range,
  native: entry.native,
  calibration: entry.calibration,
  calibration_days: entry.calibration_days,
  mock: entry.mock,
  interval_s: entry.interval_s,
  stale_s: entry.stale_s,
  stuck_ms: entry.stuck_ms,
  source: entry.source,
  ...(isRemote(entry) ? { remote: true as const } : {}),
})

export function createLibrary(entries: readonly SensorType[] = sensorTypes): Library {
  const byKey = new Map<string, KnownType>()
  const spellings = new Map<string, KnownType | undefined>()

  for (const entry of entries)
    for (const key of keysOf(entry)) {
      if (byKey.has(key)) throw new Error(`${entry.type} and ${byKey.get(key)!.type} are both called ${key}`)
      byKey.set(key, entry)
    }

  const find = (word: string): KnownType | undefined => {
    const known = spellings.get(word)
    if (known !== undefined || spellings.has(word)) return known
    const found = byKey.get(keyOf(word))
    if (spellings.size >= SPELLINGS) spellings.clear()
    spellings.set(word, found)
    return found
  }

  return {
    find,
    normalise: (word) => find(word)?.type ?? word.toLowerCase(),
    list: () => [...new Set(byKey.values())].map(describe),
    add(type) {
      const keys = keysOf(type)
      if (keys.includes('')) return `Sensor type "${type.type}" has a name without a letter or digit`
      for (const key of keys) {
        const there = byKey.get(key)
        if (!there) continue
        const owner = isRemote(there) ? 'another module' : 'kaiser itself'
        return `Sensor type "${type.type}" is refused: "${key}" already means ${there.type}, of ${owner}`
      }
      for (const key of keys) byKey.set(key, type)
      spellings.clear()
      return undefined
    },
    remove(word) {
      const type = byKey.get(keyOf(word))
      if (!type || !isRemote(type) || keyOf(type.type) !== keyOf(word)) return false
      for (const key of keysOf(type)) byKey.delete(key)
      spellings.clear()
      return true
    },
  }
}
