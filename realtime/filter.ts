/** What one realtime client wants to hear: an AND over three lists; an empty one asks for all (protocol.md §5.3). */
import { type Event, OPT_IN } from '../routing/contract/events.js'
import type { Filters } from '../routing/contract/frames.js'

const LISTS = ['types', 'esp_ids', 'sensor_types'] as const

const listed = (words: readonly string[]): ReadonlySet<string> | undefined =>
  words.length > 0 ? new Set(words) : undefined

/** What is about no single device (an emergency stop of everything) is about each of them. */
const concerns = (esp_id: string | null, wanted: ReadonlySet<string>): boolean =>
  esp_id === null || esp_id === 'ALL' || wanted.has(esp_id)

export class Filter {
  readonly #normalise: (sensor_type: string) => string
  readonly #words: Record<(typeof LISTS)[number], string[]> = { types: [], esp_ids: [], sensor_types: [] }
  #types: ReadonlySet<string> | undefined
  #esp_ids: ReadonlySet<string> | undefined
  #sensor_types: ReadonlySet<string> | undefined

  /** `normalise` gives the name a sensor type is stored under. */
  constructor(normalise: (sensor_type: string) => string) {
    this.#normalise = normalise
  }

  /** Asks for this instead; null asks for everything. */
  replace(filters: Filters | null | undefined): void {
    for (const list of LISTS) this.#words[list] = [...(filters?.[list] ?? [])]
    this.#apply()
  }

  /** Takes the listed words out; null clears it. An emptied list asks for everything. */
  remove(filters: Filters | null | undefined): void {
    if (!filters) return this.replace(null)
    for (const list of LISTS) {
      const gone = new Set(filters[list] ?? [])
      this.#words[list] = this.#words[list].filter((word) => !gone.has(word))
    }
    this.#apply()
  }

  #apply(): void {
    this.#types = listed(this.#words.types)
    this.#esp_ids = listed(this.#words.esp_ids)
    // Types are normalised when they are stored, so they are in a filter.
    this.#sensor_types = listed(this.#words.sensor_types.map(this.#normalise))
  }

  /** A list about something the event does not have lets it pass. */
  wants({ type, data }: Event): boolean {
    if (!this.wantsType(type)) return false
    if (this.#esp_ids && 'esp_id' in data && !concerns(data.esp_id, this.#esp_ids)) return false
    if (this.#sensor_types && 'sensor_type' in data && !this.#sensor_types.has(data.sensor_type)) return false
    return true
  }

  /** Are events of this type asked for, by name or by asking for all? */
  wantsType(type: string): boolean {
    return this.#types ? this.#types.has(type) : !OPT_IN.has(type)
  }

  /** It asks for everything. */
  get isEmpty(): boolean {
    return !this.#types && !this.#esp_ids && !this.#sensor_types
  }
}
