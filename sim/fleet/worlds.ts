/**
 * The greenhouses of a fleet: one per zone and place, shared by the mocks that stand in it. A mock that is moved to
 * another zone takes what it has switched on along. What air, soil and tanks are at outlives a restart.
 */
import type { MockPlace } from '../../routing/contract/mock.js'
import { createWorld, type World, type WorldState } from '../world.js'

export interface Worlds {
  /** What a mock measures and switches; it follows the mock from zone to zone. */
  of(esp_id: string, zone: string | undefined, place: MockPlace | undefined): MovingWorld
  /** What they are at, by name: plain JSON. */
  snapshot(): Record<string, WorldState>
}

export interface MovingWorld extends World {
  /** The mock is in this zone now. */
  moveTo(zone: string | undefined, at: number): void
}

type Switched = readonly [actuator_type: string, value: number]

export function createWorlds(kept: Readonly<Record<string, WorldState>> = {}): Worlds {
  const worlds = new Map<string, World>()

  const find = (name: string, seed: string, place: MockPlace | undefined): World => {
    let world = worlds.get(name)
    if (!world) {
      world = createWorld({ seed, ...(place && { place }), kept: kept[name] })
      worlds.set(name, world)
    }
    return world
  }

  return {
    of(esp_id, zone, place) {
      // Who is in no zone is alone.
      const nameOf = (zone: string | undefined): string =>
        `${zone ? `zone ${zone}` : `mock ${esp_id}`}${place ? ` ${JSON.stringify(place)}` : ''}`
      let name = nameOf(zone)
      let world = find(name, zone ?? esp_id, place)
      const switches = new Map<number, Switched>()
      return {
        get place() {
          return world.place
        },
        read: (quantity, at) => world.read(quantity, at),
        switched(id, gpio, actuator_type, value, at) {
          switches.set(gpio, [actuator_type, value])
          world.switched(id, gpio, actuator_type, value, at)
        },
        forget(id, at) {
          switches.clear()
          world.forget(id, at)
        },
        snapshot: () => world.snapshot(),
        moveTo(next, at) {
          if (nameOf(next) === name) return
          world.forget(esp_id, at)
          name = nameOf(next)
          world = find(name, next ?? esp_id, place)
          for (const [gpio, [actuator_type, value]] of switches)
            world.switched(esp_id, gpio, actuator_type, value, at)
        },
      }
    },
    snapshot() {
      const states: Record<string, WorldState> = {}
      for (const [name, world] of worlds) {
        const state = world.snapshot()
        if (state) states[name] = state
      }
      return states
    },
  }
}
