/**
 * What connects a device with kaiser: both directions in order, and everything that goes wrong with networks. It
 * stalls (bytes leave and do not arrive, until they do, or the device connects anew, or somebody notices), breaks
 * with or without a Will, and acknowledgements get lost.
 */
import type { Life } from '../../../../routing/tell.js'
import type { Time } from './time.js'

/** How a stall ends: what was on its way arrives; or is lost, because the device connects anew; or because the line is dead. */
export type StallEnd = 'resumes' | 'taken_over' | 'dies'

/** What the other end is, while there is one. */
export interface Peer {
  receive(esp_id: string, topic: string, payload: string): void
  /** The device has connected. */
  connected(esp_id: string, again: boolean): void
  /** The device listens to its topics. */
  heard(esp_id: string): void
}

/** The device at this end. */
export interface Owner {
  hear(topic: string, payload: string): void
  greet(): void
  report(): void
  readonly style: { readonly reportsFirst: boolean }
}

export interface Wire {
  /** kaiser believes that the device hears it. */
  readonly listening: boolean
  readonly stalled: boolean
  /** Since when the device listens without having lost the line, by real time. */
  readonly since: number
  /** There is something on its way that can arrive. */
  readonly busy: boolean
  tell(topic: string, payload: string, life?: Life): boolean
  say(what: string, payload: object): void
  /** Lets arrive what can. */
  pump(): void
  /** kaiser is dead; what it wrote may still arrive. */
  die(arrives: boolean): void
  /** It breaks, and the device connects again after so many ms. */
  breakOff(will: boolean, away: number): void
  stall(ms: number, end: StallEnd): void
  loseAcknowledgements(until: number): void
  /** An answer that arrived long ago arrives again. */
  replay(): void
  /** Everything works from now on. */
  mend(): void
}

export interface WireOptions {
  readonly esp_id: string
  readonly time: Time
  readonly owner: () => Owner
  readonly peer: () => Peer | undefined
}

/** A device that lost its line tries again after this, ms. */
const AWAY = 2_000
/** Which of the last answers is old enough to be sent again. */
const ANSWERS = 4

interface Message {
  readonly topic: string
  readonly payload: string
  readonly life?: Life | undefined
}

export function createWire({ esp_id, time, owner, peer }: WireOptions): Wire {
  const branch = `kaiser/god/esp/${esp_id}`
  let listening = false
  let since = 0
  let back = 0
  let before: Peer | undefined
  let stalled: { until: number; end: StallEnd } | undefined
  let unacknowledged = 0
  let down: Message[] = []
  let written = 0
  let up: Message[] = []
  const answers: Message[] = []

  const end = (away: number): void => {
    listening = false
    down = []
    up = []
    written = 0
    stalled = undefined
    back = time.real + away
  }
  const breakOff = (will: boolean, away: number): void => {
    const wasThere = listening
    end(away)
    if (will && wasThere)
      peer()?.receive(
        esp_id,
        `${branch}/system/will`,
        JSON.stringify({ status: 'offline', reason: 'unexpected_disconnect' }),
      )
  }

  const connect = (): void => {
    const there = peer()
    if (!there || time.real < back) return
    there.connected(esp_id, before === there)
    before = there
    const { greet, report, style } = owner()
    up = []
    listening = true
    since = time.real
    greet()
    if (style.reportsFirst) {
      report()
      arrive(there)
    }
    there.heard(esp_id)
    if (!style.reportsFirst) report()
  }

  const arrive = (there: Peer): void => {
    for (const { topic, payload } of up.splice(0)) there.receive(esp_id, topic, payload)
  }

  const endStall = (): void => {
    const how = stalled!.end
    stalled = undefined
    if (how === 'taken_over') end(0)
    else if (how === 'dies') breakOff(true, AWAY)
  }

  return {
    get listening() {
      return listening
    },
    get stalled() {
      return stalled !== undefined
    },
    get since() {
      return since
    },
    get busy() {
      return listening && !stalled && (down.length > 0 || up.length > 0)
    },
    tell(topic, payload, life) {
      if (!listening) return false
      down.push({ topic, payload, life })
      return true
    },
    say(what, payload) {
      if (!listening) return
      const message = { topic: `${branch}/${what}`, payload: JSON.stringify(payload) }
      up.push(message)
      if (what.endsWith('/response')) answers.push(message)
    },
    pump() {
      if (stalled && time.real >= stalled.until) endStall()
      const there = peer()
      if (!listening) connect()
      if (!listening || !there) return
      for (; written < down.length; written++) down[written]!.life?.written()
      if (stalled) return
      written = 0
      for (const { topic, payload, life } of down.splice(0)) {
        owner().hear(topic, payload)
        if (time.real >= unacknowledged) life?.acknowledged()
      }
      arrive(there)
    },
    die(arrives) {
      if (arrives && listening && !stalled)
        for (const { topic, payload } of down.splice(0)) owner().hear(topic, payload)
      end(AWAY)
    },
    breakOff,
    stall(ms, how) {
      if (listening && !stalled) stalled = { until: time.real + ms, end: how }
    },
    loseAcknowledgements(until) {
      unacknowledged = until
    },
    replay() {
      const again = answers.at(-ANSWERS)
      if (listening && again) up.push(again)
    },
    mend() {
      if (stalled) endStall()
      unacknowledged = 0
      back = Math.min(back, time.real)
    },
  }
}
