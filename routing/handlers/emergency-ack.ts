/**
 * A device says that it has stopped everything: its actuators are off, and the stops that concern it are confirmed.
 * One that did not stop is told and written down, and confirms nothing. protocol.md §1.1 U7
 */
import { commandFailed } from '../actuators/command-events.js'
import { firstHeard } from '../actuators/first-heard.js'
import {
  actuatorStatusEvent,
  become,
  gpiosOf,
  happenedAt,
  metadataOf,
  WHOLE_DEVICE,
} from '../actuators/reports.js'
import { EmergencyAck } from '../contract/actuator-payloads.js'
import { fromDevice } from '../contract/topics.js'
import { dataSourceOf } from '../data-source.js'
import { alarm, type Effect, emit } from '../effect.js'
import { type Context, handler, type Message } from '../handler.js'

type Ack = Message<typeof fromDevice.emergencyAck, EmergencyAck, true>

const DONE: ReadonlySet<string> = new Set(['executed', 'success', 'ok', 'already_active', 'done'])
const COMMAND = 'EMERGENCY_STOP'

/** Everything is off now, whatever was on its way. */
function stop({ store, book, actuators }: Context, { topic, device, payload, received_at }: Ack): Effect[] {
  const { device_id: esp_id, zone_id } = device
  const at = happenedAt(payload, received_at)
  const gpios = gpiosOf(store, esp_id)
  const stopped = gpios.flatMap((gpio) => {
    const next = become(
      store,
      esp_id,
      gpio,
      {
        state: 'off',
        current_value: 0,
        desired: null,
        emergency: 'active',
        last_command: COMMAND,
        last_command_at: at,
        reported_at: at,
      },
      at,
      received_at,
    )
    return [
      ...book
        .cancel(esp_id, gpio, COMMAND, received_at)
        .map((command) => commandFailed(command, received_at)),
      emit('actuator_status', actuatorStatusEvent(store, next, zone_id, at, { topic })),
    ]
  })
  return [
    ...stopped,
    ...actuators.look(
      received_at,
      gpios.map((gpio) => ({ esp_id, gpio })),
    ),
  ]
}

/** Nobody here wanted it: a fact of its own. */
const keep = (
  context: Context,
  { device, payload, received_at }: Ack,
  executed: boolean,
  fact: string | null,
): void =>
  context.keep(
    {
      esp_id: device.device_id,
      gpio: WHOLE_DEVICE,
      command_type: COMMAND,
      value: 0,
      issued_by: 'esp32',
      state: executed ? 'done' : 'failed',
      success: executed ? 1 : 0,
      error_message: executed ? null : (payload.message ?? payload.outcome ?? null),
      timestamp: happenedAt(payload, received_at),
      finished_at: received_at,
      command_metadata: metadataOf({
        correlation_id: payload.correlation_id,
        gpio_count: payload.gpio_count,
        outcome: payload.outcome,
      }),
      data_source: dataSourceOf({}, device),
      fact,
    },
    true,
    received_at,
  )

export const emergencyAck = handler({
  topic: fromDevice.emergencyAck,
  payload: EmergencyAck,
  knownDevice: true,
  urgent: true,

  handle(context, ack) {
    const { store, presence, audit } = context
    const { topic, device, payload, received_at } = ack
    const { device_id: esp_id } = device
    const seen = presence.seen(device, received_at, topic)
    const executed = DONE.has((payload.outcome || 'executed').toLowerCase())
    const message = payload.message ?? null
    // The same stop is sent again, and acknowledged again, after a reconnect.
    const identity = firstHeard(context, ack, ['emergency_ack', esp_id, WHOLE_DEVICE, executed, message])
    if (!identity) return seen

    const concerned = store.emergencyStops.list().filter(({ id }) => store.emergencyDevices.find(id, esp_id))
    const stopped = executed ? stop(context, ack) : []
    const confirmed = executed ? context.confirm(esp_id, 'ack', received_at, topic) : []
    if (concerned.length === 0) keep(context, ack, executed, identity.lasting ? identity.key : null)
    audit.record(
      {
        event_type: 'emergency_ack',
        severity: executed ? 'warning' : 'critical',
        source_type: 'esp32',
        source_id: esp_id,
        status: executed ? 'success' : 'failed',
        message: `${esp_id} ${executed ? 'has stopped everything' : `did not stop: ${message ?? payload.outcome}`}`,
        details: {
          gpio_count: payload.gpio_count ?? null,
          outcome: payload.outcome ?? null,
          stops: concerned.map(({ id }) => id),
        },
        correlation_id: payload.correlation_id ?? null,
      },
      received_at,
    )
    if (confirmed.length > 0) return [...confirmed, ...stopped, ...seen]
    return [
      alarm('emergency_device', {
        esp_id,
        stop_id: concerned.at(-1)?.id ?? null,
        state: executed ? 'confirmed' : 'not_confirmed',
        confirmed_by: executed ? 'ack' : null,
        message: message ?? (executed ? null : (payload.outcome ?? null)),
        timestamp: received_at / 1000,
        topic,
      }),
      ...stopped,
      ...seen,
    ]
  },
})
