/** What the fan-out's generator (`fanout-load.ts`) is told, and what it answers. */
export interface FanoutJob {
  host: string
  mqttPort: number
  subscribers: number
  /** Of the subscriptions; the publisher always uses QoS 1. */
  qos: 0 | 1
  /** Messages of the publisher not acknowledged or not yet delivered to everybody. */
  window: number
  payloadBytes: number
  warmupMs: number
  measureMs: number
}

export interface FanoutOutcome {
  /** Over the whole run. */
  published: number
  acked: number
  delivered: number
  /** Connections the server closed. */
  closed: number
  window: {
    ms: number
    delivered: number
    /** CPU time of the generator itself, as a share of one core: near 1 it measures itself. */
    load: number
  }
}
