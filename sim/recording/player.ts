/**
 * Plays a recording: each device as a client of its own with its id, everybody else as one client, in the order and
 * with the pauses of the recording, as fast as asked. Time begins when the clients are connected.
 */
import type { Duplex } from 'node:stream'
import type { MqttClient } from 'mqtt'
import type { Clock } from '../clock.js'
import type { Login } from '../connection.js'
import type { Random } from '../random.js'
import { openClient } from './mqtt-client.js'
import { isAsked, type Overview } from './overview.js'
import { readRecording } from './reader.js'
import { shiftTimes } from './time-shift.js'
import { whoSaid } from './who-said.js'

export interface PlayerOptions {
  readonly file: string
  readonly overview: Overview
  readonly filters: readonly string[]
  /** A new stream to the broker, for this device; undefined: for somebody else. */
  readonly connect: (esp_id: string | undefined) => Duplex
  readonly login?: Login | undefined
  /** How many times faster; Infinity: as fast as it goes. */
  readonly speed: number
  /** Whose devices they are now; as it was recorded without it. */
  readonly kaiser_id?: string | undefined
  /** Times in payloads become those at which they are played. */
  readonly shift: boolean
  /** Said before each message: how far into the recording, ms. */
  readonly reached?: (t: number) => void
  readonly clock: Clock
  readonly random: Random
  readonly trouble: (text: string) => void
}

export interface Played {
  readonly played: number
  /** At QoS 1 and 2, and not acknowledged. */
  readonly unacknowledged: number
  /** ms into the recording */
  readonly at: number
  /** ms that it was late at most */
  readonly late: number
}

export interface Player {
  readonly figures: Played
  /** Resolves when all is played and acknowledged, or it was stopped. */
  readonly over: Promise<void>
  stop(): void
}

/** Who plays for those who are no devices. */
const SOMEBODY = 'kaiser-replay'
/** That many connect at the same time, and that many messages may be without an answer. */
const [AT_ONCE, IN_FLIGHT] = [50, 256]
/** How long the last acknowledgements may take, ms. */
const PATIENCE = 10_000

export function play(options: PlayerOptions): Player {
  const { overview, clock, speed } = options
  const clients = new Map<string | undefined, MqttClient>()
  const figures = { played: 0, unacknowledged: 0, at: 0, late: 0 }
  let stopped = false
  let wake: (() => void) | undefined
  /** Until something happens, or so many ms are over. */
  const rest = (ms?: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = ms === undefined ? undefined : clock.after(ms, () => wake?.())
      wake = () => {
        timer?.stop()
        wake = undefined
        resolve()
      }
    })

  const connect = async (): Promise<void> => {
    const waiting: (string | undefined)[] = [...overview.devices, ...(overview.others ? [undefined] : [])]
    const next = async (): Promise<void> => {
      while (waiting.length > 0 && !stopped) {
        const esp_id = waiting.shift()
        const client = openClient({
          ...{ client_id: esp_id ?? SOMEBODY, login: options.login, random: options.random },
          connect: () => options.connect(esp_id),
          trouble: options.trouble,
        })
        clients.set(esp_id, client)
        await new Promise<void>((resolve) => client.once('connect', () => resolve()).once('end', resolve))
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, next))
  }

  const say = (client: MqttClient, topic: string, payload: Buffer, qos: 0 | 1 | 2, retain: boolean): void => {
    figures.played++
    if (qos > 0) figures.unacknowledged++
    client.publish(topic, payload, { qos, retain }, () => {
      if (qos > 0) figures.unacknowledged--
      wake?.()
    })
  }

  const moved = (topic: string, sayer: { kaiser_id: string }): string =>
    `kaiser/${options.kaiser_id ?? sayer.kaiser_id}${topic.slice('kaiser/'.length + sayer.kaiser_id.length)}`

  const run = async (): Promise<void> => {
    await connect()
    const began = clock.now()
    for await (const message of readRecording(options.file)) {
      if (stopped) break
      const { t, topic, qos, retain } = message
      const sayer = whoSaid(topic)
      if (sayer.kind === 'left_out' || !isAsked(options.filters, message)) continue
      const due = began + t / speed
      while (!stopped && (clock.now() < due || figures.unacknowledged >= IN_FLIGHT))
        await rest(Math.max(1, Math.min(due - clock.now(), PATIENCE)))
      if (stopped) break
      if (speed !== Number.POSITIVE_INFINITY) figures.late = Math.max(figures.late, clock.now() - due)
      figures.at = t
      options.reached?.(t)
      const payload = options.shift
        ? shiftTimes(message.payload, Math.round(clock.now() - (overview.started_at + t)))
        : message.payload
      if (sayer.kind === 'device') say(clients.get(sayer.esp_id)!, moved(topic, sayer), payload, qos, retain)
      else say(clients.get(undefined)!, topic, payload, qos, retain)
    }
    const patience = clock.now() + PATIENCE
    while (figures.unacknowledged > 0 && clock.now() < patience && !stopped) await rest(100)
  }

  const over = run().finally(() =>
    Promise.all(
      [...clients.values()].map((client) => client.endAsync(stopped || figures.unacknowledged > 0)),
    ),
  )
  return {
    figures,
    over: over.then(() => {}),
    stop() {
      stopped = true
      wake?.()
      for (const client of clients.values()) client.end(true)
    },
  }
}
