/**
 * All mocks of this kaiser. What people change is on disk before the answer, and only then done to the mock; after a
 * restart, planned or not, exactly the mocks that are to run are running again, where they were. A mock that cannot
 * be restored is told of, and stops nobody else.
 */
import type { MockConfig } from '../routing/contract/mock.js'
import type { Effect } from '../routing/effect.js'
import { checkRemoval, isKnown, register, remove } from '../routing/registry.js'
import { RequestRefused } from '../routing/request-refused.js'
import type { Device } from '../storage/devices.js'
import { ByHand } from './fleet/by-hand.js'
import type { FleetOptions, Held } from './fleet/members.js'
import { HARDWARE, isMock, isToRun, readRow, rowOf, writeRow } from './fleet/rows.js'
import { mockView } from './fleet/view.js'
import { configOf, type NewMock } from './fleet/wishes.js'
import { freshState } from './mock-state.js'

export type { FleetOptions } from './fleet/members.js'
export type { ActuatorSpec, NewMock } from './fleet/wishes.js'

/** Rows of others, such as the audit, that are to be written together with ours. */
export type Also = () => void

/** How long who makes or starts a mock waits until it is online, ms. */
const PATIENCE = 3_000
/** So many at once, then others have a turn. */
const AT_ONCE = 25

export class Fleet extends ByHand {
  /** Who waits until a device is online. */
  readonly #waiting = new Map<string, () => void>()
  #closed = false

  constructor(options: FleetOptions) {
    super(options)
    options.store.devices.watch((before, after) => {
      if (after?.status === 'online' && before?.status !== 'online') this.#waiting.get(after.device_id)?.()
    })
  }

  /**
   * Those that are to run do so; those of the demo only with it. How many they are, and how many could not be
   * restored.
   */
  async recover(demo: boolean): Promise<{ restored: number; failed: number }> {
    const { store, warn } = this.options
    let [restored, failed] = [0, 0]
    this.keeping.start()
    for (const { device_id } of store.devices.list()) {
      // As it is by now: others have had their turns.
      const device = store.devices.find(device_id)
      if (!device || (!isToRun(device) && !isMock(device))) continue
      try {
        const row = readRow(device)
        const running = row.running && (demo || !row.demo)
        if (running !== row.running)
          await store.group.run(() => writeRow(store, device, { ...row, running }, this.now))
        const held = this.make({ ...row, running }, this.stateOf(row))
        if (!running) continue
        held.mock.start()
        restored++
      } catch (error) {
        this.mocks.delete(device_id)
        if (!isToRun(device)) continue
        failed++
        warn(device_id, 'A mock device cannot be restored', error)
      }
      if (restored % AT_ONCE === 0) await new Promise<void>((resolve) => setImmediate(resolve))
    }
    return { restored, failed }
  }

  list() {
    return [...this.mocks.values()].map(({ mock, running }) => mockView(mock, running))
  }

  /** Throws RequestRefused when there is none. */
  find(esp_id: string) {
    const { mock, running } = this.held(esp_id)
    return mockView(mock, running)
  }

  /** As `find`, for whoever does not know whether there is one. */
  look(esp_id: string) {
    return this.mocks.has(esp_id) ? this.find(esp_id) : undefined
  }

  /** Registers a device and runs it; resolves when it is online, or could not be within a few seconds. */
  async create(wish: NewMock, by: string, also: Also = () => {}) {
    const { store, library } = this.options
    const { esp_id } = wish
    const config = configOf(wish, library)
    const effects = await store.group.run(() => {
      const known = store.devices.find(esp_id)
      if (known) throw new RequestRefused('already_exists', `${esp_id} is ${described(known)} already`)
      also()
      return this.#register(esp_id, config, by, false)
    })
    await this.#run(this.#made(esp_id), true)
    this.options.say(effects)
    return this.find(esp_id)
  }

  /**
   * The mocks of the demo: those that are missing are made, and all of them run, until a start without the demo.
   * An id that is somebody else's is told of.
   */
  async demo(mocks: Readonly<Record<string, MockConfig>>, by: string): Promise<void> {
    for (const [esp_id, config] of Object.entries(mocks))
      try {
        if (!this.mocks.get(esp_id)?.running) await this.#takeUp(esp_id, config, by)
      } catch (error) {
        this.options.warn(esp_id, 'A mock device of the demo does not run', error)
      }
  }

  async #takeUp(esp_id: string, config: MockConfig, by: string): Promise<void> {
    const { store, say } = this.options
    const device = store.devices.find(esp_id)
    if (device && (device.hardware_type !== HARDWARE || !isKnown(device)))
      throw new RequestRefused('already_exists', `${esp_id} is ${described(device)}`)
    const effects = await store.group.run(() => {
      if (!device || !isMock(device)) return this.#register(esp_id, structuredClone(config), by, true)
      writeRow(store, device, { config: readRow(device).config, running: true, demo: true }, this.now)
      return []
    })
    const held = this.mocks.get(esp_id) ?? this.#made(esp_id)
    held.running = true
    held.mock.start()
    say(effects)
  }

  /** Takes leave, and is forgotten; what it measured stays, or goes with it. */
  async remove(esp_id: string, readings: 'keep' | 'delete' = 'keep', also: Also = () => {}): Promise<void> {
    const { store } = this.options
    const held = this.held(esp_id)
    checkRemoval(store, esp_id)
    // First, so that nothing it still says makes it known again.
    await held.mock.stop()
    this.mocks.delete(esp_id)
    try {
      await store.group.run(() => {
        remove(store, esp_id)
        also()
      })
    } catch (error) {
      this.mocks.set(esp_id, held)
      if (held.running) held.mock.start()
      throw error
    }
    this.forget(esp_id, held)
    if (readings === 'delete') await store.readings.removeDevice(esp_id)
  }

  /** Runs from now on and after each restart, or rests. */
  async run(esp_id: string, running: boolean, also: Also = () => {}) {
    const { store } = this.options
    const held = this.held(esp_id)
    await store.group.run(() => {
      const { device, config } = rowOf(store, esp_id)
      writeRow(store, device, { config, running, demo: false }, this.now)
      also()
    })
    await this.#run(held, running)
    await this.settled(esp_id)
    return this.find(esp_id)
  }

  /** All take leave, and what they are at is on disk. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await Promise.all([...this.mocks.values()].map(({ mock }) => mock.stop()))
    await this.keeping.close()
  }

  /** Queues all rows of a mock that is new, or was a device of this hardware; what there is to say of its zone. */
  #register(esp_id: string, config: MockConfig, by: string, demo: boolean): readonly Effect[] {
    const { store, place } = this.options
    const { now } = this
    const described = { hardware_type: HARDWARE, capabilities: '{"mock":true}' }
    const device = store.devices.find(esp_id) ?? register(store, esp_id, described, by, now).device
    const written = writeRow(store, device, { config, running: true, demo }, now)
    store.mocks.upsert(esp_id, freshState(config, now), now)
    const { zone_id, zone_name } = config
    return zone_id ? place(written, { zone_id, zone_name }, by, now).effects : []
  }

  #made(esp_id: string): Held {
    const row = rowOf(this.options.store, esp_id)
    return this.make(row, this.stateOf(row))
  }

  async #run(held: Held, running: boolean): Promise<void> {
    held.running = running
    // Somebody who wants it to rest pulls the plug: it is offline at once.
    if (!running) return held.mock.unplug()
    const { store, clock } = this.options
    const { esp_id } = held.mock
    const online = new Promise<void>((resolve) => {
      const timer = clock.after(PATIENCE, resolve)
      this.#waiting.set(esp_id, () => {
        timer.stop()
        resolve()
      })
    })
    held.mock.start()
    if (store.devices.find(esp_id)?.status !== 'online') await online
    this.#waiting.get(esp_id)?.()
    this.#waiting.delete(esp_id)
  }
}

const described = (device: Device): string => {
  if (!isKnown(device)) return 'a device that asked to be let in'
  return isMock(device) ? 'a mock device' : 'a registered device'
}

export const createFleet = (options: FleetOptions): Fleet => new Fleet(options)
