/**
 * A device on a real connection, with the firmware of the other property test. It notes since when it is connected,
 * since when kaiser knows of each run, and what each run was given.
 */
import mqtt, { type MqttClient } from 'mqtt'
import { createDevice, type Device, type Style } from '../../routing/actuators/whole/device.js'
import type { Order } from '../../routing/actuators/whole/scene.js'
import type { Teardown } from '../../support/app.js'
import type { Awake } from './awake.js'

/** A command that reached the device; `at` in ms since 1970. */
export type Reached = Order & { readonly at: number }

/** A pump that is on. */
export interface Run {
  /** By the device's time, like all that follows, ms. */
  readonly since: number
  /** Since when kaiser has it in writing that the pump is on: it acknowledged the report. */
  readonly known: number | undefined
  /** The last command, when it came, and how long it may be, ms. */
  readonly given: { readonly at: number; readonly length: number } | undefined
}

export interface Plant {
  readonly device: Device
  readonly reached: readonly Reached[]
  /** When it had a connection on which it listened, ms since 1970. */
  readonly listened: readonly { readonly from: number; readonly to: number }[]
  /** undefined while it has no connection on which it listens. */
  readonly since: number | undefined
  /** What is on, by gpio. */
  runs(): ReadonlyMap<number, Run>
  connect(port: number): void
  /** kaiser is gone. */
  abandon(): void
  /** The line breaks; it dials again after so many ms. */
  cut(away: number): void
}

export interface PlantOptions {
  readonly esp_id: string
  readonly gpios: readonly number[]
  readonly style: Style
  /** Its session outlives its connection. */
  readonly lasting: boolean
  readonly time: Awake
  readonly ordered: (order: Order) => void
}

const STATUS = /^actuator\/(\d+)\/status$/
const COMMAND = /\/actuator\/(\d+)\/command$/

export function createPlant(t: Teardown, options: PlantOptions): Plant {
  const { esp_id, gpios, style, lasting, time, ordered } = options
  const branch = `kaiser/god/esp/${esp_id}`
  const reached: Reached[] = []
  const runs = new Map<number, Run>()
  let client: MqttClient | undefined
  const listened: { from: number; to: number }[] = []
  let since: number | undefined
  let port: number | undefined
  let back: NodeJS.Timeout | undefined

  /** The run that is going on, with what is known of it. */
  const runOf = (gpio: number): Run | undefined => {
    const { since } = device.outputs.get(gpio)!
    if (since === undefined) {
      runs.delete(gpio)
      return undefined
    }
    const run = runs.get(gpio)
    if (run?.since === since) return run
    const next = { since, known: undefined, given: undefined }
    runs.set(gpio, next)
    return next
  }
  const say = (what: string, payload: object): void => {
    if (!client?.connected) return
    const gpio = Number(STATUS.exec(what)?.[1])
    const run = gpios.includes(gpio) ? runOf(gpio) : undefined
    const isOn = (payload as { value?: number }).value !== 0
    client.publish(`${branch}/${what}`, JSON.stringify(payload), { qos: 1 }, (error) => {
      const now = run && runOf(gpio)
      if (!error && isOn && now && now.since === run.since && now.known === undefined)
        runs.set(gpio, { ...now, known: time.real })
    })
  }
  const device = createDevice({ esp_id, gpios, style, time, say })
  const ticking = setInterval(() => {
    device.tick()
    if (since !== undefined) listened.at(-1)!.to = time.true
  }, 25)

  const hear = (topic: string, payload: string): void => {
    const gpio = COMMAND.exec(topic)?.[1]
    if (gpio === undefined || device.is('deaf')) return device.hear(topic, payload)
    const order: Order = { esp_id, gpio: Number(gpio), ...JSON.parse(payload) }
    reached.push({ ...order, at: time.true })
    ordered(order)
    device.hear(topic, payload)
    const run = runOf(order.gpio)
    if (run && order.value > 0 && !device.is('nods'))
      runs.set(order.gpio, { ...run, given: { at: time.real, length: order.duration * 1000 } })
  }

  const abandon = (): void => {
    clearTimeout(back)
    since = undefined
    client?.removeAllListeners('message')
    client?.end(true)
    client = undefined
  }
  t.teardown(() => {
    clearInterval(ticking)
    abandon()
  })

  const dial = (): void => {
    abandon()
    const mine = mqtt.connect(`mqtt://127.0.0.1:${port}`, {
      clientId: esp_id,
      clean: !lasting,
      reconnectPeriod: 100,
      will: {
        topic: `${branch}/system/will`,
        payload: Buffer.from(JSON.stringify({ status: 'offline', reason: 'unexpected_disconnect' })),
        qos: 1,
        retain: false,
      },
    })
    client = mine
    mine.on('error', () => {})
    mine.on('close', () => {
      if (client === mine) since = undefined
    })
    mine.on('message', (topic, bytes) => hear(topic, String(bytes)))
    mine.on('connect', () => {
      device.greet()
      if (style.reportsFirst) device.report()
      mine.subscribe(
        [`${branch}/actuator/+/command`, `${branch}/actuator/emergency`, 'kaiser/broadcast/emergency'],
        { qos: 1 },
        (error) => {
          if (error || client !== mine) return
          since = time.real
          listened.push({ from: time.true, to: time.true })
          if (!style.reportsFirst) device.report()
        },
      )
    })
  }

  return {
    device,
    reached,
    listened,
    get since() {
      return since
    },
    runs: () => new Map(gpios.flatMap((gpio) => (runOf(gpio) ? [[gpio, runOf(gpio)!]] : []))),
    connect(now) {
      port = now
      dial()
    },
    abandon() {
      port = undefined
      abandon()
    },
    cut(away) {
      abandon()
      back = setTimeout(() => port !== undefined && dial(), away)
    },
  }
}
