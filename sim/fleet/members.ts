/**
 * The mocks that are held, each made from its rows, and the one way in which what a mock is made of changes: first
 * on disk, then in the mock.
 */
import type { Duplex } from 'node:stream'
import type { MockConfig } from '../../routing/contract/mock.js'
import type { Effect } from '../../routing/effect.js'
import { RequestRefused } from '../../routing/request-refused.js'
import type { Library } from '../../routing/sensors/library.js'
import type { Device } from '../../storage/devices.js'
import type { Store } from '../../storage/store.js'
import type { Clock } from '../clock.js'
import type { Trouble } from '../connection.js'
import { createMock } from '../device.js'
import { MOST_MESSAGES } from '../messages.js'
import type { Mock } from '../mock.js'
import { freshState, type MockState } from '../mock-state.js'
import { pair } from '../pair.js'
import type { WorldState } from '../world.js'
import { Keeping, WORLDS_KEY } from './keeping.js'
import { isMock, type MockRow, rowOf, stateOf, writeRow } from './rows.js'
import { createWorlds, type MovingWorld, type Worlds } from './worlds.js'

export interface FleetOptions {
  readonly store: Store
  readonly kaiser_id: string
  readonly clock: Clock
  /** The sensor types that are known, those of people too. */
  readonly library: Pick<Library, 'find' | 'normalise' | 'list'>
  /** Gives the broker its end of a connection of this device. */
  readonly attach: (stream: Duplex, esp_id: string) => void
  /** Puts a new device into its zone, inside the group. */
  readonly place: (
    device: Device,
    zone: { zone_id?: string | null | undefined; zone_name?: string | null | undefined },
    by: string,
    now: number,
  ) => { readonly effects: readonly Effect[] }
  /** What there is to say after a commit. */
  readonly say: (effects: readonly Effect[]) => void
  /** Something is wrong with a mock. */
  readonly warn: (esp_id: string, sentence: string, error: unknown) => void
  /** A mock could not connect or subscribe, and tries again. */
  readonly trouble: (esp_id: string, what: Trouble, detail: string) => void
}

/** A mock that is held. */
export interface Held {
  readonly mock: Mock
  readonly world: MovingWorld
  running: boolean
}

/** Messages of all mocks together. */
const MESSAGES = 20_000
const FEWEST_MESSAGES = 20

export class Members {
  protected readonly options: FleetOptions
  protected readonly mocks = new Map<string, Held>()
  protected readonly keeping: Keeping
  readonly #worlds: Worlds

  constructor(options: FleetOptions) {
    this.options = options
    const { store, clock } = options
    this.#worlds = createWorlds((store.settings.find(WORLDS_KEY) ?? {}) as Record<string, WorldState>)
    const failed = (error: unknown): void => options.warn('', 'What mocks are at could not be kept', error)
    this.keeping = new Keeping({ store, clock, worlds: this.#worlds, mocks: this.mocks, failed })
    store.devices.watch((before, after) => {
      const esp_id = (after ?? before)!.device_id
      if (this.mocks.has(esp_id) && after?.hardware_type !== before?.hardware_type) this.#leave(esp_id)
    })
  }

  protected get now(): number {
    return Math.round(this.options.clock.now())
  }

  protected held(esp_id: string): Held {
    const held = this.mocks.get(esp_id)
    if (!held) throw new RequestRefused('not_found', `There is no mock device ${esp_id}`)
    return held
  }

  protected actuator(esp_id: string, gpio: number): Mock {
    const { mock } = this.held(esp_id)
    if (!mock.outputs.find(gpio))
      throw new RequestRefused('not_found', `There is no actuator on gpio ${gpio} of ${esp_id}`)
    return mock
  }

  /** What it is made of changes: first on disk, whatever others change meanwhile, then in the mock. */
  protected async change<T, R>(
    esp_id: string,
    revise: (config: MockConfig) => T,
    apply: (mock: Mock, revised: T) => R,
  ): Promise<R> {
    const { store } = this.options
    const { mock } = this.held(esp_id)
    const revised = await store.group.run(() => {
      const { device, config, running } = rowOf(store, esp_id)
      const done = revise(config)
      writeRow(store, device, { config, running }, this.now)
      return done
    })
    const result = apply(mock, revised)
    await this.settled(esp_id)
    return result
  }

  protected settled(esp_id: string): Promise<void> {
    this.keeping.note(esp_id)
    return this.keeping.write()
  }

  /** What it was at; a state that cannot be read is told of, and it begins anew. */
  protected stateOf({ device, config }: MockRow) {
    const { store, warn } = this.options
    const { device_id } = device
    try {
      return stateOf(store, device_id)
    } catch (error) {
      warn(device_id, 'What a mock device was at cannot be read; it begins anew', error)
      return freshState(config, this.now)
    }
  }

  protected make({ device, config, running }: MockRow, state: MockState | undefined): Held {
    const { kaiser_id, clock, attach, trouble } = this.options
    const esp_id = device.device_id
    const zoneNow = (): string | undefined =>
      (this.mocks.get(esp_id)?.mock.state.zone ?? state?.zone)?.zone_id || undefined
    const world = this.#worlds.of(
      esp_id,
      state ? zoneNow() : (config.zone_id ?? undefined),
      config.place ?? undefined,
    )
    const mock = createMock({
      esp_id,
      config,
      state,
      kaiser_id,
      clock,
      world,
      connect: pair((stream) => attach(stream, esp_id)),
      changed: () => {
        const zone = this.mocks.get(esp_id)?.mock.state.zone
        if (zone !== undefined) world.moveTo(zone?.zone_id || undefined, clock.now())
        this.keeping.note(esp_id)
      },
      // A device says by itself only that it is there, and a mock without heartbeats not even that.
      arrived: () => {
        const held = this.mocks.get(esp_id)
        if (held && !held.mock.config.auto_heartbeat) held.mock.heartbeat()
      },
      trouble,
      room: () => Math.max(FEWEST_MESSAGES, Math.min(MOST_MESSAGES, Math.floor(MESSAGES / this.mocks.size))),
    })
    const held = { mock, world, running }
    this.mocks.set(esp_id, held)
    return held
  }

  /** Its row goes, or is none of ours any more: it takes leave at once, so that nothing it says makes it known again. */
  #leave(esp_id: string): void {
    const { store, warn } = this.options
    const held = this.mocks.get(esp_id)!
    const failed = (error: unknown): void => warn(esp_id, 'A mock device did not stop', error)
    held.mock.stop().catch(failed)
    const look = (): void => {
      if (this.mocks.get(esp_id) !== held) return
      if (isMock(store.devices.find(esp_id))) {
        // Storage did not take it.
        if (held.running) held.mock.start()
        return
      }
      this.mocks.delete(esp_id)
      this.forget(esp_id, held)
    }
    store.group.run(() => {}).then(look, look)
  }

  protected forget(esp_id: string, { world }: Held): void {
    world.forget(esp_id, this.options.clock.now())
    this.keeping.forget(esp_id)
  }
}
