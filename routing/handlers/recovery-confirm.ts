/**
 * A device says that it is in an emergency no more. Its actuators stay off until they are told otherwise, and a stop
 * that is latched here stays latched: only people release it. protocol.md §1.1 U8
 */
import { firstHeard } from '../actuators/first-heard.js'
import { actuatorStatusEvent, gpiosOf, happenedAt, metadataOf, WHOLE_DEVICE } from '../actuators/reports.js'
import { RecoveryConfirm } from '../contract/actuator-payloads.js'
import { fromDevice } from '../contract/topics.js'
import { dataSourceOf } from '../data-source.js'
import { alarm, type Effect, emit } from '../effect.js'
import { noteCleared } from '../emergency/telling.js'
import { handler } from '../handler.js'

const CLEARED: ReadonlySet<string> = new Set(['cleared', 'normal', 'success', 'ok', 'done'])

export const recoveryConfirm = handler({
  topic: fromDevice.recoveryConfirm,
  payload: RecoveryConfirm,
  knownDevice: true,
  urgent: true,

  handle(context, confirmation) {
    const { store, presence, audit } = context
    const { topic, device, payload, received_at } = confirmation
    const { device_id: esp_id } = device
    const seen = presence.seen(device, received_at, topic)
    const cleared = CLEARED.has((payload.state || 'cleared').toLowerCase())
    const message = payload.message ?? (cleared ? null : (payload.state ?? null))
    const identity = firstHeard(context, confirmation, [
      'recovery_confirm',
      esp_id,
      WHOLE_DEVICE,
      cleared,
      message,
    ])
    if (!identity) return seen

    const at = happenedAt(payload, received_at)
    const effects: Effect[] = []
    if (cleared)
      for (const gpio of gpiosOf(store, esp_id)) {
        const state = store.actuatorStates.find(esp_id, gpio)
        if (!state || state.emergency === 'normal') continue
        const next = store.actuatorStates.upsert(esp_id, gpio, { emergency: 'normal' }, received_at)
        effects.push(emit('actuator_status', actuatorStatusEvent(store, next, device.zone_id, at, { topic })))
      }
    context.keep(
      {
        esp_id,
        gpio: WHOLE_DEVICE,
        command_type: 'CLEAR_EMERGENCY',
        issued_by: 'esp32',
        state: cleared ? 'done' : 'failed',
        success: cleared ? 1 : 0,
        error_message: cleared ? null : message,
        timestamp: at,
        finished_at: received_at,
        command_metadata: metadataOf({ correlation_id: payload.correlation_id, state: payload.state }),
        data_source: dataSourceOf({}, device),
        fact: identity.lasting ? identity.key : null,
      },
      true,
      received_at,
    )
    audit.record(
      {
        event_type: 'emergency_cleared',
        severity: cleared ? 'info' : 'warning',
        source_type: 'esp32',
        source_id: esp_id,
        status: cleared ? 'success' : 'failed',
        message: `${esp_id} is ${cleared ? 'in an emergency no more' : `still in an emergency: ${message}`}`,
        details: { state: payload.state ?? null },
        correlation_id: payload.correlation_id ?? null,
      },
      received_at,
    )
    const over = cleared ? noteCleared(store, esp_id, received_at) : []
    if (over.length > 0) return [...over, ...effects, ...seen]
    return [
      alarm('emergency_device', {
        esp_id,
        stop_id: null,
        state: cleared ? 'cleared' : 'not_confirmed',
        confirmed_by: null,
        message,
        timestamp: at / 1000,
        topic,
      }),
      ...effects,
      ...seen,
    ]
  },
})
