/**
 * A kaiser of its own in this process, for trying things out: with a data directory that is thrown away, on no port,
 * at a time that it is told. Devices come to it in memory; nothing of it reaches anybody outside.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import pino from 'pino'
import { register } from '../routing/registry.js'
import type { SubscriberStats } from '../routing/stats.js'
import { pair } from '../sim/pair.js'
import { createApp } from './app.js'
import type { AppOptions } from './app-options.js'
import { readConfig, startOptions } from './config.js'

export interface Sandbox {
  /** Where its database is. */
  readonly database: string
  connect(esp_id: string | undefined): Duplex
  /** What it made of what it was told. */
  stats(): SubscriberStats
  /** Resolves when all that was said is stored and answered, and nobody says more. */
  settled(): Promise<void>
  /** Resolves when it is closed, and gone unless it is kept. */
  close(): Promise<void>
}

/** Turns of the loop without a word. A stream in memory needs two; what waits for the disk is asked for. */
const CALM = 10

export interface SandboxOptions extends Pick<AppOptions, 'monotonic' | 'every' | 'uuid'> {
  kaiser_id: string
  /** Known from the start; others are let in when they say that they are there. */
  devices?: readonly string[]
  /** Leave the data directory where it is. */
  keep: boolean
  /** ms since 1970 */
  now: () => number
}

export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { kaiser_id, devices = [], keep, now } = options
  const directory = mkdtempSync(join(tmpdir(), 'kaiser-sandbox-'))
  const remove = (): void => rmSync(directory, { recursive: true, force: true })
  try {
    const argv = ['--data', directory, '--kaiser-id', kaiser_id, '--sys-interval', '0', '--discovery', 'auto']
    const { config } = readConfig(startOptions, argv, {})
    const app = await createApp({ ...options, config, log: pino({ level: 'silent' }) })
    app.actuators.start()
    await app.store.group.run(() => {
      for (const device_id of devices) register(app.store, device_id, {}, 'sandbox', now())
    })
    return {
      database: join(directory, 'kaiser.db'),
      connect: (esp_id) =>
        pair((stream) =>
          app.broker.attach(stream, {
            address: null,
            identity: esp_id === undefined ? { kind: 'system' } : { kind: 'device', esp_id },
          }),
        )(),
      stats: app.stats.subscriber,
      async settled() {
        for (let calm = 0, last = ''; calm < CALM; ) {
          await nextTurn()
          const { received, sent } = app.broker.counters()
          const is = `${received.bytes} ${sent.bytes}`
          calm = is === last && app.store.group.waiting === 0 ? calm + 1 : 0
          last = is
        }
      },
      async close() {
        await app.close()
        if (!keep) remove()
      },
    }
  } catch (error) {
    remove()
    throw error
  }
}
