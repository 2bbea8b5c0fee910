/** `/sensors/…/measure`: telling a device to read a sensor now. The value comes as a reading. protocol.md §6 */
import Type from 'typebox'
import { isThere } from '../../routing/device-commands.js'
import type { SensorCommands } from '../../routing/sensor-commands.js'
import type { Store } from '../../storage/store.js'
import { deviceOf } from '../device-registry.js'
import { Problem } from '../problem.js'
import { type Resource, route } from '../route.js'
import { SensorParams } from '../sensor-request.js'
import { EspId, Gpio } from '../shapes.js'
import { byUser } from '../user-audit.js'

export interface SensorMeasureOptions {
  store: Store
  now: () => number
  sensorCommands: SensorCommands
}

export function sensorMeasure({ store, now, sensorCommands }: SensorMeasureOptions): Resource {
  return {
    prefix: '/sensors',
    tag: 'Sensors',
    routes: [
      route({
        method: 'POST',
        path: '/{esp_id}/{gpio}/measure',
        role: 'operator',
        summary: 'Tell a device to read a sensor now; the value comes as a reading',
        params: Type.Object(SensorParams),
        answer: Type.Object({
          success: Type.Boolean(),
          message: Type.String(),
          esp_id: EspId,
          gpio: Gpio,
          request_id: Type.String({ description: 'comes back with what the device answers' }),
          correlation_id: Type.String({ description: 'the same' }),
          command_sent: Type.Boolean({ description: 'it went out to somebody who listens to the topic' }),
        }),
        errors: ['not_found', 'device_offline'],
        async handle(asked) {
          const { esp_id, gpio } = asked.params
          const device = deviceOf(store, esp_id)
          const configured = store.sensorConfigs.list(esp_id).some((config) => config.gpio === gpio)
          if (!configured && !store.readings.latest(esp_id).some((reading) => reading.gpio === gpio))
            throw new Problem('not_found', `${esp_id} has no sensor on GPIO ${gpio}`)
          if (!isThere(device))
            throw new Problem(
              'device_offline',
              `${esp_id} is not online; a command is not kept until it comes back`,
            )
          const { correlation_id, sent } = await sensorCommands.measure(device, gpio, now())
          store.auditLogs.note(
            byUser(asked, {
              event_type: 'sensor_command',
              status: sent ? 'success' : 'failed',
              details: { esp_id, gpio, command: 'measure' },
              correlation_id,
            }),
            now(),
          )
          return {
            success: sent,
            message: sent
              ? `${esp_id} was told to measure GPIO ${gpio}`
              : `${esp_id} is online but does not listen for this; nothing was sent`,
            esp_id,
            gpio,
            request_id: correlation_id,
            correlation_id,
            command_sent: sent,
          }
        },
      }),
    ],
  }
}
