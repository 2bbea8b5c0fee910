/**
 * A kaiser of its own in this process, for trying things out: with a data directory that is thrown away, on no port,
 * at a time that it is told. Devices come to it in memory; nothing of it reaches anybody outside.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import pino from 'pino'
import { register } from '../routing/registry.js'
import type { SubscriberStats } from '../routing/stats.js'
import { pair } from '../sim/pair.js'
import { createApp } from './app.js'
import { readConfig, startOptions } from './config.js'

export interface Sandbox {
  /** Where its database is. */
  readonly database: string
  connect(esp_id: string | undefined): Duplex
  /** What it made of what it was told. */
  stats(): SubscriberStats
  /** Resolves when it is closed, and gone unless it is kept. */
  close(): Promise<void>
}

export interface SandboxOptions {
  kaiser_id: string
  /** Known from the start. */
  devices: readonly string[]
  /** Leave the data directory where it is. */
  keep: boolean
  /** ms since 1970 */
  now: () => number
}

export async function openSandbox({ kaiser_id, devices, keep, now }: SandboxOptions): Promise<Sandbox> {
  const directory = mkdtempSync(join(tmpdir(), 'kaiser-sandbox-'))
  const remove = (): void => rmSync(directory, { recursive: true, force: true })
  try {
    const argv = ['--data', directory, '--kaiser-id', kaiser_id, '--sys-interval', '0']
    const { config } = readConfig(startOptions, argv, {})
    const app = await createApp({ config, log: pino({ level: 'silent' }), now })
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
