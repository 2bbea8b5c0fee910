/**
 * The events of the last moments, for pages that were away. Readings have a ring of their own, so that they never
 * push out what is rare. Nothing is turned into text before somebody asks.
 */
import type { Event } from '../routing/contract/events.js'
import { Ring, type Told } from './ring.js'

const READINGS = 2_000
const OTHERS = 4_000
const OTHERS_BYTES = 8_388_608

/** Who asks: what it wants to hear. */
export interface Asker {
  wants(event: Event): boolean
  wantsType(type: string): boolean
  /** It hears everything. */
  readonly unfiltered: boolean
}

export interface Recalled {
  /** In their order. */
  readonly texts: string[]
  readonly complete: boolean
  /** How many are forgotten; null: nobody knows how many of them were asked for. */
  readonly missed: number | null
}

export interface Recent {
  keep(event: Event, stored: boolean, at: number, seq: number): void
  /** What happened after this event, up to `newest`; undefined: after an earlier start of kaiser. */
  since(seq: number | undefined, newest: number, asker: Asker): Recalled
}

export function createRecent(spell: (told: Told) => string): Recent {
  const readings = new Ring(READINGS)
  const others = new Ring(OTHERS, OTHERS_BYTES)

  /** One that cannot be serialised was reported when it was told. */
  const spellable = (told: Told): string => {
    try {
      return spell(told)
    } catch {
      return ''
    }
  }

  const collect = (seq: number, asker: Asker): string[] => {
    const texts: string[] = []
    const give = (ring: Ring, index: number): void => {
      const text = asker.wants(ring.at(index).event) ? ring.text(index, spellable) : ''
      if (text) texts.push(text)
    }
    let [r, o] = [readings.after(seq), others.after(seq)]
    while (r < readings.size || o < others.size) {
      const isReading = o >= others.size || (r < readings.size && readings.at(r).seq < others.at(o).seq)
      if (isReading) give(readings, r++)
      else give(others, o++)
    }
    return texts
  }

  return {
    keep(event, stored, at, seq) {
      if (event.type === 'sensor_data') readings.keep(event, stored, at, seq)
      else others.keep(event, stored, at, seq)
    },
    since(seq, newest, asker) {
      const texts = collect(seq ?? 0, asker)
      if (seq === undefined) return { texts, complete: false, missed: null }
      const complete =
        others.forgotten <= seq && (readings.forgotten <= seq || !asker.wantsType('sensor_data'))
      if (complete) return { texts, complete, missed: 0 }
      return { texts, complete, missed: asker.unfiltered ? newest - seq - texts.length : null }
    },
  }
}
