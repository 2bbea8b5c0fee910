/** What a realtime client may say, and what is done about it. Answers go past the rate limit; they were asked for. */
import type { Static } from 'typebox'
import { Compile } from 'typebox/compile'
import type { CodeName } from '../routing/contract/codes.js'
import { type ClientAction, type ClientFrame, clientFrames } from '../routing/contract/frames.js'
import { createAttempts } from './attempts.js'
import { SESSION_OVER } from './close-codes.js'
import type { Hub } from './hub.js'
import type { Snapshot } from './snapshot.js'
import type { Subscriber } from './subscriber.js'
import { ACCESS_SECONDS, type Claims, type Tokens } from './tokens.js'

export interface Listening {
  client_id: string
  claims: Claims
  /** When it has to have another token, ms since 1970; undefined: as long as its session stands. */
  until: number | undefined
  subscriber: Subscriber | undefined
}

export interface ClientFramesOptions {
  hub: Hub
  tokens: Tokens
  snapshot: Snapshot
  /** Frames per second and client, 0 for no limit. */
  rate: number
  /** ms since 1970 */
  now: () => number
  monotonic: () => number
  /** A client said something that is no frame of ours. */
  misunderstood: (client_id: string, detail: string) => void
}

/** Snapshots and replays one client may have in this time, and answers to what is no frame of ours. */
const ASKED = 10
const ASKED_MS = 10_000
/** While the network takes no more, the next part of a snapshot waits this long, ms. */
const PATIENCE_MS = 20

const checks = {
  subscribe: Compile(clientFrames.subscribe),
  unsubscribe: Compile(clientFrames.unsubscribe),
  snapshot: Compile(clientFrames.snapshot),
  replay: Compile(clientFrames.replay),
  renew: Compile(clientFrames.renew),
} satisfies Record<ClientAction, unknown>

const SHAPES: Readonly<Record<ClientAction, string>> = {
  subscribe:
    'subscribe: filters are lists of words (types, esp_ids, sensor_types), batch is true or false, rate is 0 to 1000',
  unsubscribe: 'unsubscribe: filters are lists of words (types, esp_ids, sensor_types), or null',
  snapshot: 'snapshot needs nothing else',
  replay: 'replay needs since: a cursor of a frame that was heard',
  renew: 'renew needs token: a ticket or an access token',
}

/** A frame of ours, or what is wrong with it. */
export function understand(text: string): { frame: ClientFrame } | { detail: string; isJson: boolean } {
  let frame: unknown
  try {
    frame = JSON.parse(text)
  } catch {
    return { detail: 'a frame is JSON: {"action":"subscribe","filters":{…}}', isJson: false }
  }
  const action = (frame as { action?: unknown } | null)?.action
  if (typeof action !== 'string' || !Object.hasOwn(checks, action))
    return { detail: 'action is subscribe, unsubscribe, snapshot, replay or renew', isJson: true }
  if (!checks[action as ClientAction].Check(frame))
    return { detail: SHAPES[action as ClientAction], isJson: true }
  return { frame: frame as ClientFrame }
}

/** How long a connection may go on with this token: a ticket stands for the session it was taken in. */
export const lastsUntil = ({ type, expires_at }: Claims, now: number): number =>
  type === 'ticket' ? now + ACCESS_SECONDS * 1_000 : expires_at

export function createClientFrames(options: ClientFramesOptions) {
  const { hub, tokens, now } = options
  const asked = createAttempts(ASKED, ASKED_MS, options.monotonic)
  const mistaken = createAttempts(ASKED, ASKED_MS, options.monotonic)

  const tell = (subscriber: Subscriber, type: string, data: object): void =>
    subscriber.tell(JSON.stringify({ type, timestamp: now() / 1000, data }))
  const refuse = ({ client_id, subscriber }: Listening, code: CodeName, detail: string): void => {
    if (subscriber && mistaken.attempt(client_id) === 0) tell(subscriber, 'error', { code, detail })
  }

  const sendSnapshot = (subscriber: Subscriber): void => {
    const parts = options.snapshot((event) => subscriber.wants(event))
    const cursor = hub.cursor(subscriber)
    const send = (n: number): void => {
      if (n === parts.length || subscriber.closed) return
      if (subscriber.slow) return void setTimeout(attempt, PATIENCE_MS, n)
      tell(subscriber, 'snapshot', { cursor, part: n + 1, parts: parts.length, ...parts[n]!() })
      setImmediate(attempt, n + 1)
    }
    const attempt = (n: number): void => {
      try {
        send(n)
      } catch (error) {
        hub.failed(error)
      }
    }
    attempt(0)
  }

  /** Whoever only looks may ask for less than everybody gets. */
  const pace = (listening: Listening, rate: number): void => {
    const isMore = options.rate > 0 && (rate === 0 || rate > options.rate)
    if (isMore && listening.claims.user.role === 'viewer')
      refuse(listening, 'permission_denied', `a viewer gets at most ${options.rate} frames a second`)
    else listening.subscriber?.pace(rate)
  }

  const renew = (listening: Listening, token: string): void => {
    const { subscriber, claims: before } = listening
    const claims = tokens.verifyNow(token, 'access', 'ticket')
    if (!claims?.user.is_active || claims.user.id !== before.user.id)
      return subscriber?.close(SESSION_OVER, 'the token is wrong, expired or somebody else’s')
    listening.claims = claims
    listening.until = lastsUntil(claims, now())
    if (subscriber) tell(subscriber, 'renewed', { expires_at: listening.until / 1000 })
  }

  type Acts = { [K in ClientAction]: (listening: Listening, frame: Static<(typeof clientFrames)[K]>) => void }
  const acts: Acts = {
    subscribe(listening, { filters, batch, rate }) {
      listening.subscriber?.subscribe(filters, batch === true)
      if (rate !== undefined) pace(listening, rate)
    },
    unsubscribe: ({ subscriber }, { filters }) => subscriber?.unsubscribe(filters),
    snapshot: (listening) => costly(listening, sendSnapshot),
    replay: (listening, { since }) => costly(listening, (subscriber) => hub.replay(subscriber, since)),
    renew: (listening, { token }) => renew(listening, token),
  }

  const costly = (listening: Listening, work: (subscriber: Subscriber) => void): void => {
    const wait = asked.attempt(listening.client_id)
    if (wait > 0)
      return refuse(
        listening,
        'rate_limited',
        `at most ${ASKED} snapshots and replays in ${ASKED_MS / 1_000} s; again in ${wait} s`,
      )
    if (listening.subscriber) work(listening.subscriber)
  }

  return {
    /** Does what a frame of ours says. */
    take(listening: Listening, frame: ClientFrame): void {
      acts[frame.action](listening, frame as never)
    },
    /** It was no frame of ours: unknown words are answered, so that whoever wrote them can see why. */
    misunderstood(listening: Listening, detail: string): void {
      options.misunderstood(listening.client_id, detail)
      refuse(listening, 'frame_invalid', detail)
    },
  }
}
