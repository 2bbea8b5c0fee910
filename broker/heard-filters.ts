/**
 * What the filters of one client say about devices: which devices it names, and whose commands it would hear. Each
 * filter is looked at once, so that many of them cost no more than they are.
 */
import { ESP_ID, filterOf, overlaps, toDevice } from '../routing/contract/topics.js'

interface About {
  /** The device it is about; undefined when it is about all. */
  readonly name: string | undefined
  /** It matches commands. */
  readonly commands: boolean
}

/** Finds out what a filter says; undefined when it says nothing of devices. */
export type LookAt = (filter: string) => About | undefined

export function createLookAt(kaiser_id: string): LookAt {
  const commands = filterOf(toDevice.actuatorCommand.replace('{kaiser_id}', kaiser_id))
  const devices = commands.split('/', 4).join('/')
  return (filter) => {
    const levels = filter.split('/', 4)
    const name = levels.includes('#') ? '+' : levels[3]
    const hears = overlaps(filter, commands)
    if (name === '+') return hears ? { name: undefined, commands: true } : undefined
    if (name === undefined || !ESP_ID.test(name) || !overlaps(levels.join('/'), devices)) return undefined
    return { name, commands: hears }
  }
}

export class HeardFilters {
  readonly #lookAt: LookAt
  readonly #known = new Map<string, About>()
  readonly #named = new Map<string, { filters: number; commands: number }>()
  #wide = 0

  constructor(lookAt: LookAt) {
    this.#lookAt = lookAt
  }

  /** It hears the commands of every device. */
  get wide(): boolean {
    return this.#wide > 0
  }

  /** The devices it names. */
  all(): Iterable<string> {
    return this.#named.keys()
  }

  names(esp_id: string): boolean {
    return this.#named.has(esp_id)
  }

  hears(esp_id: string): boolean {
    return this.wide || (this.#named.get(esp_id)?.commands ?? 0) > 0
  }

  /** Takes filters in; returns the devices they name. */
  add(filters: readonly string[]): string[] {
    return filters.flatMap((filter) => {
      const about = this.#known.has(filter) ? undefined : this.#lookAt(filter)
      if (!about) return []
      this.#known.set(filter, about)
      return this.#count(about, 1)
    })
  }

  /** Returns the devices they named. */
  remove(filters: readonly string[]): string[] {
    return filters.flatMap((filter) => {
      const about = this.#known.get(filter)
      if (!about) return []
      this.#known.delete(filter)
      return this.#count(about, -1)
    })
  }

  #count({ name, commands }: About, one: 1 | -1): string[] {
    if (name === undefined) {
      this.#wide += one
      return []
    }
    const known = this.#named.get(name) ?? { filters: 0, commands: 0 }
    known.filters += one
    if (commands) known.commands += one
    if (known.filters > 0) this.#named.set(name, known)
    else this.#named.delete(name)
    return [name]
  }
}
