/**
 * Something is wrong. Told at once, before anything is written; the kinds that mean danger make the actuator off,
 * end what would switch it on, and have OFF sent, also while storage fails. gpio 255 is the whole device. Devices
 * nobody has let in are heard, but not commanded.
 */
import { type AlertKind, alertKind } from '../actuators/alert-kinds.js'
import { TIME_TO_LIVE } from '../actuators/book.js'
import { commandFailed } from '../actuators/command-events.js'
import { firstHeard } from '../actuators/first-heard.js'
import {
  actuatorStatusEvent,
  become,
  gpiosOf,
  happenedAt,
  hasRoom,
  metadataOf,
  WHOLE_DEVICE,
} from '../actuators/reports.js'
import { ActuatorAlert } from '../contract/actuator-payloads.js'
import { fromDevice } from '../contract/topics.js'
import { dataSourceOf } from '../data-source.js'
import { alarm, type Effect, emit, switchOff } from '../effect.js'
import { type Context, handler, type Message } from '../handler.js'
import { isKnown } from '../registry.js'

const kindOf = ({ alert_type, type }: ActuatorAlert): string => (alert_type ?? type)!.toLowerCase()

/** The actuators are what the alarm says, nobody wants them on any more, and OFF goes out. */
function act(
  { store, book, actuators, confirm }: Context,
  {
    topic,
    levels,
    device,
    payload,
    received_at,
  }: Message<typeof fromDevice.actuatorAlert, ActuatorAlert, true>,
  state: NonNullable<AlertKind['state']>,
  word: string,
): Effect[] {
  const { esp_id, gpio } = levels
  const whole = gpio === WHOLE_DEVICE
  const at = happenedAt(payload, received_at)
  const gpios = whole ? gpiosOf(store, esp_id) : hasRoom(store, esp_id, gpio) ? [gpio] : []
  const changed = gpios.flatMap((each) => {
    const before = store.actuatorStates.find(esp_id, each)
    const next = become(
      store,
      esp_id,
      each,
      {
        state,
        current_value: 0,
        desired: null,
        last_command: word,
        last_command_at: at,
        error: payload.message ?? word,
        reported_at: at,
        ...(word === 'ALERT_EMERGENCY_STOP' && { emergency: 'active' }),
      },
      at,
      received_at,
    )
    book.turned(before, next)
    return [
      ...book.cancel(esp_id, each, word, received_at).map((command) => commandFailed(command, received_at)),
      emit('actuator_status', actuatorStatusEvent(store, next, device.zone_id, at, { topic })),
    ]
  })
  return [
    switchOff(esp_id, whole ? null : gpio, word),
    ...changed,
    ...confirm(esp_id, 'states', received_at, topic, gpios),
    ...actuators.look(
      received_at,
      gpios.map((each) => ({ esp_id, gpio: each })),
    ),
  ]
}

export const actuatorAlert = handler({
  topic: fromDevice.actuatorAlert,
  payload: ActuatorAlert,
  knownDevice: false,
  urgent: true,
  invalid: ({ alert_type, type }) =>
    alert_type == null && type == null ? 'alert_type (or type) is required' : undefined,

  handle(context, alert) {
    const { store, presence, audit } = context
    const { topic, levels, device, payload, received_at } = alert
    const { esp_id, gpio } = levels
    const seen = isKnown(device) ? presence.seen(device, received_at, topic) : []
    const alert_type = kindOf(payload)
    const message = payload.message ?? null
    const identity = firstHeard(context, alert, ['alert', esp_id, gpio, alert_type, message], TIME_TO_LIVE)
    if (!identity) return seen

    const { severity, state } = alertKind(alert_type)
    const word = `ALERT_${alert_type.toUpperCase()}`
    const at = happenedAt(payload, received_at)
    context.keep(
      {
        esp_id,
        gpio,
        actuator_type: store.actuatorStates.find(esp_id, gpio)?.actuator_type ?? null,
        command_type: word,
        value: state ? 0 : null,
        issued_by: 'esp32_alert',
        state: 'done',
        success: 0,
        error_message: message,
        timestamp: at,
        finished_at: received_at,
        command_metadata: metadataOf({
          alert_type,
          severity,
          zone_id: payload.zone_id ?? device?.zone_id,
          correlation_id: payload.correlation_id,
          ts: payload.ts ?? payload.timestamp,
          seq: payload.seq,
        }),
        data_source: dataSourceOf(payload, device ?? esp_id),
        fact: identity.lasting ? identity.key : null,
      },
      isKnown(device),
      received_at,
    )
    audit.record(
      {
        event_type: 'actuator_alert',
        severity,
        source_type: 'esp32',
        source_id: esp_id,
        status: 'failed',
        message: `${esp_id} ${gpio === WHOLE_DEVICE ? '' : `gpio ${gpio} `}${alert_type}${message ? `: ${message}` : ''}`,
        details: { gpio, alert_type, known: isKnown(device) },
        error_code: alert_type,
        correlation_id: payload.correlation_id ?? null,
      },
      received_at,
    )
    return [
      alarm('actuator_alert', {
        esp_id,
        gpio,
        alert_type,
        severity,
        message,
        zone_id: device?.zone_id ?? payload.zone_id ?? null,
        timestamp: at / 1000,
        topic,
      }),
      ...(state && isKnown(device) ? act(context, { ...alert, device }, state, word) : []),
      ...seen,
    ]
  },
})
