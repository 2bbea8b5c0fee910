/**
 * kill -9 at a random moment, twenty times, under load, always the same data directory: every acknowledged
 * reading is in `sensor_data` exactly once, also those that were sent again, and also while readings move
 * from the intake into the history.
 */
import t from 'tap'
import { connectDevice, type Device } from './storage/device.js'
import { data, dataTopic } from './storage/greenhouse.js'
import { NOON, open, outsider, reading, until } from './storage/open.js'
import { directory, type Teardown } from './support/app.js'
import { type Child, startKaiser } from './support/child.js'

const ROUNDS = 20
const DEVICES = 10
const IN_FLIGHT = 10
/** Readings that are in the intake from the beginning, so that there is a lot to move. */
const OLD = 40_000
const SEED = Number(process.env.KAISER_CRASH_SEED ?? Date.now() % 1_000_000)

let state = SEED
const random = (from: number, to: number): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
  return from + Math.floor((state / 2 ** 32) * (to - from))
}

/** A device across all rounds: it numbers its readings, and sends again what was not acknowledged. */
class Publisher {
  readonly esp_id: string
  readonly acknowledged = new Set<number>()
  /** Packet id → number of the reading. */
  readonly #waiting = new Map<number, number>()
  #device: Device | undefined
  #last = 0
  #finishing = false

  constructor(index: number) {
    this.esp_id = `ESP_CRASH${index}`
  }

  get idle(): boolean {
    return this.#waiting.size === 0
  }

  async connect(port: number): Promise<void> {
    const device = await connectDevice(t, port, this.esp_id)
    this.#device = device
    device.onAcknowledged = (id) => {
      if (device !== this.#device) return
      const n = this.#waiting.get(id)
      if (n === undefined) throw new Error(`${this.esp_id}: ${id} was acknowledged and not sent`)
      this.acknowledged.add(n)
      this.#waiting.delete(id)
      this.#next()
    }
    // Some devices say that it is a repetition and some have forgotten that it is.
    for (const [id, n] of this.#waiting) this.#send(id, n, random(0, 2) === 0)
    while (this.#waiting.size < IN_FLIGHT && !this.#finishing) this.#next()
  }

  /** Sends nothing new from now on. */
  finish(): void {
    this.#finishing = true
  }

  disconnect(): void {
    this.#device?.destroy()
    this.#device = undefined
  }

  #next(): void {
    if (this.#finishing) return
    const n = ++this.#last
    const id = 1 + (n % 60_000)
    this.#waiting.set(id, n)
    this.#send(id, n, false)
  }

  #send(id: number, n: number, dup: boolean): void {
    this.#device?.publish(id, dataTopic(this.esp_id), data(this.esp_id, n), { dup })
  }
}

async function fillIn(t: Teardown, dir: string): Promise<void> {
  const { store } = await open(t, { dir })
  await store.group.run(() => {
    for (let i = 0; i < OLD; i++)
      store.readings.insert(reading({ esp_id: 'ESP_OLD', gpio: i % 40, timestamp: NOON + i, seq: i }))
  })
  await store.close()
}

/** Waits for something to happen, for so long at most, ms. */
async function passes(most: number, happened: () => boolean): Promise<void> {
  for (let waited = 0; waited < most && !happened(); waited += 20)
    await new Promise((resolve) => setTimeout(resolve, 20))
}

t.setTimeout(170_000)

t.test('what was acknowledged survives kill -9, once', async (t) => {
  t.comment(`KAISER_CRASH_SEED=${SEED}`)
  const dir = directory(t)
  const publishers = Array.from({ length: DEVICES }, (_, index) => new Publisher(index))
  await fillIn(t, dir)
  const db = outsider(t, `${dir}/kaiser.db`)
  const inHistory = db.prepare<[], number>('SELECT count(*) FROM readings_history').pluck()
  const moved = new Set([inHistory.get()!])
  let kaiser: Child
  for (let round = 0; round < ROUNDS; round++) {
    kaiser = await startKaiser(t, dir)
    await Promise.all(publishers.map((publisher) => publisher.connect(kaiser.mqttPort)))
    // Every fourth lives until a move begins and a little longer, so that some kills come in one and some after it.
    if (round % 4 === 3) await passes(3_000, () => inHistory.get()! > Math.max(...moved))
    await new Promise((resolve) => setTimeout(resolve, random(50, 400)))
    t.equal(await kaiser.end('SIGKILL'), 'SIGKILL', kaiser.said)
    for (const publisher of publishers) publisher.disconnect()
    moved.add(inHistory.get()!)
  }

  kaiser = await startKaiser(t, dir)
  for (const publisher of publishers) publisher.finish()
  await Promise.all(publishers.map((publisher) => publisher.connect(kaiser.mqttPort)))
  await until(() => publishers.every(({ idle }) => idle), 'everything to be acknowledged')
  t.equal(await kaiser.end('SIGTERM'), 0, kaiser.said)

  const total = publishers.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0)
  t.comment(`${total} readings acknowledged; in the history after each kill: ${[...moved].join(', ')}`)
  const doubled = db.prepare('SELECT esp_id, seq FROM sensor_data GROUP BY esp_id, seq HAVING count(*) > 1')
  t.strictSame(doubled.all(), [], 'none is stored twice')
  for (const { esp_id, acknowledged } of publishers) {
    const rows = db.prepare<[string], number>('SELECT seq FROM sensor_data WHERE esp_id = ?').pluck()
    const stored = new Set(rows.all(esp_id))
    t.strictSame(
      [...acknowledged].filter((n) => !stored.has(n)),
      [],
      `${esp_id}: none is lost`,
    )
    t.equal(stored.size, acknowledged.size)
  }
  t.strictSame(db.pragma('integrity_check'), [{ integrity_check: 'ok' }])
  const old = db.prepare<[], number>("SELECT count(*) FROM sensor_data WHERE esp_id = 'ESP_OLD'").pluck()
  t.equal(old.get(), OLD)
  t.ok(moved.size > 1, 'readings were moved between the kills')
})
