/**
 * Whether what is on does what it should: water flows, or a level changes. Looked at while it is on, from the moment
 * it was first seen so; a sensor that says nothing confirms nothing.
 */
import type { ActuatorConfig } from '../../storage/actuator-configs.js'
import { type Freshness, type SensorName, spelledSensor } from './freshness.js'
import { keyOf } from './place.js'
import { current } from './runs.js'
import type { Surroundings } from './surroundings.js'

interface Watched extends SensorName {
  /** s from switching on, and between two confirmations. */
  readonly within_s: number
}
/** As it is stored. */
export type Sanity =
  | (Watched & { readonly kind: 'flow'; readonly min: number })
  | (Watched & { readonly kind: 'level'; readonly change: number })

export interface Evidence {
  /** What is not confirmed in time, in words; undefined when all is well. */
  look(surroundings: Surroundings): string | undefined
  /** Forgets actuators that are gone. */
  sweep(isGone: (key: string) => boolean): void
}

interface Memory {
  readonly started: number
  /** The config it was made for. */
  readonly sanity: Sanity
  /** When it was confirmed last, or began. */
  confirmed: number
  /** The level it was confirmed with. */
  level: number | undefined
}

/** What a config declares, as far as it can be used. */
export function sanityIn(config: Pick<ActuatorConfig, 'sanity'> | undefined): Sanity | undefined {
  const sanity = config?.sanity as Sanity | null | undefined
  if (!sanity || typeof sanity.within_s !== 'number') return undefined
  if (sanity.kind === 'flow') return typeof sanity.min === 'number' ? sanity : undefined
  return sanity.kind === 'level' && typeof sanity.change === 'number' ? sanity : undefined
}

export function createEvidence(freshness: Freshness): Evidence {
  const memories = new Map<string, Memory>()

  /** Takes what the sensor says; true when that confirms. */
  const confirms = (memory: Memory, { value, age }: { value: number; age: number }, now: number): boolean => {
    const { sanity } = memory
    if (sanity.kind === 'flow') return value >= sanity.min && now - age >= memory.started
    memory.level ??= value
    if (Math.abs(value - memory.level) < sanity.change) return false
    memory.level = value
    return true
  }

  return {
    sweep(isGone) {
      for (const key of memories.keys()) if (isGone(key)) memories.delete(key)
    },
    look(surroundings) {
      const { config, at, runs } = surroundings
      const key = keyOf(surroundings)
      const sanity = sanityIn(config)
      const run = current(runs)
      if (!sanity || !run) {
        memories.delete(key)
        return undefined
      }
      const now = at.monotonic
      let memory = memories.get(key)
      if (memory?.started !== run.started || memory.sanity !== sanity) {
        memory = { started: run.started, sanity, confirmed: now, level: undefined }
        memories.set(key, memory)
      }
      const heard = freshness.read(sanity, at)
      if (heard && confirms(memory, heard, now))
        memory.confirmed = Math.max(memory.confirmed, sanity.kind === 'flow' ? now - heard.age : now)
      if (now - memory.confirmed <= sanity.within_s * 1000) return undefined
      const sensor = spelledSensor(sanity)
      if (!heard) return `it is on, and ${sensor} was never heard`
      return sanity.kind === 'flow'
        ? `it is on, but ${sensor} did not reach ${sanity.min} within ${sanity.within_s} s`
        : `it is on, but ${sensor} did not change by ${sanity.change} within ${sanity.within_s} s`
    },
  }
}
