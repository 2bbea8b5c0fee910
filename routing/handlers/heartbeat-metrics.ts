/**
 * Counters a device sends beside its heartbeat when they change: kept with its health beside the others, told with
 * it. protocol.md §2.6
 */
import { HeartbeatMetrics, METRICS } from '../contract/device-payloads.js'
import { fromDevice } from '../contract/topics.js'
import { emit } from '../effect.js'
import { espHealthEvent } from '../esp-health-event.js'
import { handler } from '../handler.js'
import { givenOf, withHealth } from '../self-report.js'

export const heartbeatMetrics = handler({
  topic: fromDevice.heartbeatMetrics,
  payload: HeartbeatMetrics,
  knownDevice: true,

  handle({ presence }, { topic, device, payload, received_at }) {
    const { metrics: before } = JSON.parse(device.health) as { metrics?: object }
    const metrics = {
      ...before,
      ...givenOf(payload, [...METRICS, 'handover_contract_last_reject']),
      metrics_delta_ts: received_at,
    }
    const { device: next, effects } = presence.alive(
      device,
      { health: withHealth(device, { metrics }) },
      received_at,
    )
    if (!presence.mayTell(next, received_at)) return effects
    const told = { ...metrics, metrics_delta_ts: received_at / 1000 }
    return [
      emit('esp_health', { ...espHealthEvent(next, received_at, { topic }), metrics: told }),
      ...effects,
    ]
  },
})
