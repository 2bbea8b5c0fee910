/** What the realtime subscribers are told and what they answer; they are `realtime-load.ts`, on the load core. */
import type { Quantiles } from './stats.js'

/** Subscribers of one kind. */
export interface Audience {
  name: string
  count: number
  /** The frame that says what they want, sent when the socket is open. */
  say: object
}

export interface RealtimeJob {
  host: string
  mqttPort: number
  /** The realtime socket; `{n}` is the number of the subscriber. */
  dashboard: { port: number; path: string }
  audiences: readonly Audience[]
  /** Alerts of one device, this far apart. */
  esp_id: string
  alertEveryMs: number
}

/** What one kind of subscriber heard. */
export interface Heard {
  name: string
  sockets: number
  /** Frames with readings: of all of them, and of the one that heard fewest. */
  readings: number
  fewest: number
  /** Sockets the server closed. */
  lost: number
}

export interface RealtimeOutcome {
  heard: readonly Heard[]
  alerts: number
  /** ms from the write of the alert to its frame, over all sockets. */
  frame: Quantiles
  /** Alerts times sockets. */
  expected: number
}
