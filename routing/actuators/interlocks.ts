/**
 * Which actuators bind one another. `never_with` binds both, whoever's config says it; `only_while` binds one to the
 * other. The index is made again when any config has changed.
 */
import type { ActuatorConfig, ActuatorConfigs } from '../../storage/actuator-configs.js'
import { keyOf, type Place, spelled } from './place.js'

export const INTERLOCK_KINDS = ['never_with', 'only_while'] as const
export type InterlockKind = (typeof INTERLOCK_KINDS)[number]

/** As it is stored: the other actuator, and what it has to do with this one. */
export interface Interlock extends Place {
  readonly kind: InterlockKind
}

export interface Interlocks {
  /** What binds this actuator. */
  of(place: Place): readonly Interlock[]
  /** Actuators that may have to change when this one does. */
  around(place: Place): readonly Place[]
}

interface Entry {
  readonly binding: Interlock[]
  readonly around: Place[]
}

const NONE: Entry = Object.freeze({ binding: [], around: [] })

/** The interlocks a config itself names; what is not one is left out. */
export const interlocksIn = ({ interlocks }: Pick<ActuatorConfig, 'interlocks'>): Interlock[] =>
  interlocks.filter(
    (item): item is typeof item & Interlock =>
      INTERLOCK_KINDS.includes(item.kind as InterlockKind) &&
      typeof item.esp_id === 'string' &&
      typeof item.gpio === 'number',
  )

/**
 * Which configs that stay name actuators that are to go, as a sentence; undefined when none does. An interlock is
 * somebody's safety: it does not vanish, or turn into one that nothing can satisfy, because its other end is deleted.
 */
export function neededBy(
  configs: Pick<ActuatorConfigs, 'list'>,
  goes: (place: Place) => boolean,
): string | undefined {
  const needs = configs
    .list()
    .filter((config) => config.interlocks.length > 0 && !goes(config))
    .flatMap((config) =>
      interlocksIn(config)
        .filter(goes)
        .map((lock) => `${spelled(config)} ${MEANINGS[lock.kind]} ${spelled(lock)}`),
    )
  return needs.length === 0 ? undefined : `${needs.join(', ')}: change its interlocks first`
}

const MEANINGS: Readonly<Record<InterlockKind, string>> = {
  never_with: 'may never be on together with',
  only_while: 'may be on only while',
}

export function createInterlocks(configs: Pick<ActuatorConfigs, 'list' | 'version'>): Interlocks {
  let version = -1
  let index = new Map<string, Entry>()

  const entryOf = (place: Place): Entry => {
    const key = keyOf(place)
    const known = index.get(key)
    if (known) return known
    const entry: Entry = { binding: [], around: [] }
    index.set(key, entry)
    return entry
  }
  const bind = (entry: Entry, lock: Interlock): void => {
    const isKnown = ({ kind, esp_id, gpio }: Interlock): boolean =>
      kind === lock.kind && esp_id === lock.esp_id && gpio === lock.gpio
    if (!entry.binding.some(isKnown)) entry.binding.push(lock)
  }

  const find = (place: Place): Entry => {
    if (version !== configs.version) {
      version = configs.version
      index = new Map()
      for (const config of configs.list()) {
        if (config.interlocks.length === 0) continue
        const self: Place = { esp_id: config.esp_id, gpio: config.gpio }
        for (const { kind, esp_id, gpio } of interlocksIn(config)) {
          const other = { esp_id, gpio }
          bind(entryOf(self), { kind, ...other })
          entryOf(self).around.push(other)
          entryOf(other).around.push(self)
          if (kind === 'never_with') bind(entryOf(other), { kind, ...self })
        }
      }
    }
    return index.get(keyOf(place)) ?? NONE
  }

  return { of: (place) => find(place).binding, around: (place) => find(place).around }
}
