/** What the server knows to have come of a message, as far as this page shows it. */
import type { Message } from './lines.js'

export interface Reading {
  readonly esp_id: string
  readonly gpio: number
  readonly sensor_type: string
  readonly timestamp: string
  readonly raw_value: number
  readonly value: number | null
  readonly unit: string | null
  readonly quality: string
}

export interface Command {
  readonly correlation_id: string
  readonly esp_id: string
  readonly gpio: number
  readonly command: string
  readonly issued_by: string
  readonly state: string
  readonly error_message: string | null
  readonly limit_name: string | null
  readonly stages: readonly { readonly state: string; readonly at: string }[]
}

export interface Reject {
  readonly id: number
  readonly received_at: string
  readonly topic: string
  readonly payload: string
  readonly payload_bytes: number
  readonly code: string
  readonly detail: string
  readonly esp_id: string | null
  readonly client_id: string | null
  readonly said_by: string | null
  readonly retried_at: string | null
  readonly can_retry: boolean
  readonly message_id: number | null
}

export interface EffectsAnswer {
  readonly message: Message
  readonly readings: readonly Reading[]
  readonly health_sample: {
    readonly timestamp: string
    readonly health_status: string | null
    readonly heap_free: number | null
    readonly wifi_rssi: number | null
    readonly uptime: number | null
  } | null
  readonly actuator_history: readonly {
    readonly id: string
    readonly gpio: number
    readonly command_type: string
    readonly value: number | null
    readonly state: string
    readonly timestamp: string
  }[]
  readonly audit: readonly {
    readonly id: number
    readonly event_type: string
    readonly message: string | null
  }[]
  readonly reject: Reject | null
  readonly commands: readonly Command[]
  readonly related: readonly Message[]
  readonly events: readonly string[]
  /** Empty while kaiser has no rules. */
  readonly rule_runs: readonly unknown[]
  readonly unknown: readonly { readonly part: string; readonly why: string }[]
}
