/**
 * `/esp/devices/{esp_id}/restart|reset|config`: telling a device something as a whole. An answer says that it
 * was told, never that it did it: what it does, it reports itself. Wire format: rest-contract §5.
 */
import Type from 'typebox'
import { type DeviceCommands, type Issued, isThere } from '../../routing/device-commands.js'
import type { Device } from '../../storage/devices.js'
import type { Store } from '../../storage/store.js'
import { DeviceParams, deviceOf } from '../device-registry.js'
import { Problem } from '../problem.js'
import { type Resource, route } from '../route.js'
import { given } from '../shapes.js'
import { byUser, type Doer } from '../user-audit.js'

const params = Type.Object(DeviceParams)
const CorrelationId = Type.String({ description: 'comes back with what the device reports' })
const Told = {
  success: Type.Boolean(),
  message: Type.String(),
  device_id: Type.String(),
  correlation_id: CorrelationId,
}
const Commanded = Type.Object({
  ...Told,
  command: Type.Enum(['restart', 'factory_reset']),
  command_sent: Type.Boolean({
    description: 'it went out to somebody who listens to the topic of the device',
  }),
})

/** A field of another name is refused: a misspelt `preserve_wifi` would cost a device its Wi-Fi. */
const strict = { additionalProperties: false }
const Settings = Type.Object({
  wifi_ssid: given(Type.String({ maxLength: 32 })),
  wifi_password: given(Type.String({ maxLength: 64 })),
  mqtt_broker: given(Type.String({ maxLength: 255 })),
  mqtt_port: given(Type.Integer({ minimum: 1, maximum: 65_535 })),
  report_interval_ms: given(Type.Integer({ minimum: 1_000, maximum: 300_000 })),
  heartbeat_interval_ms: given(Type.Integer({ minimum: 10_000, maximum: 300_000 })),
  log_level: given(Type.String({ pattern: '^[A-Za-z]{0,16}$' })),
})

export interface DeviceCommandsOptions {
  store: Store
  now: () => number
  deviceCommands: DeviceCommands
}

export function deviceCommands({ store, now, deviceCommands: tell }: DeviceCommandsOptions): Resource {
  /** Throws Problem (404, 409). */
  const present = (esp_id: string): Device => {
    const device = deviceOf(store, esp_id)
    if (!isThere(device))
      throw new Problem(
        'device_offline',
        `${esp_id} is not online; a command is not kept until it comes back`,
      )
    return device
  }

  const told = (device: Device, what: string, { correlation_id, sent }: Issued) => ({
    success: sent,
    message: sent
      ? `${what} was sent to ${device.device_id}`
      : `${device.device_id} is online but does not listen for this; nothing was sent`,
    device_id: device.device_id,
    correlation_id,
  })

  /** Sends a command and writes down who did. */
  const command = async (doer: Doer, esp_id: string, name: string, commandParams: object) => {
    const device = present(esp_id)
    const issued = await tell.command(device, name, commandParams, now())
    store.auditLogs.note(
      byUser(doer, {
        event_type: 'device_command',
        severity: name === 'factory_reset' ? 'warning' : 'info',
        status: issued.sent ? 'success' : 'failed',
        details: { device_id: esp_id, command: name },
        correlation_id: issued.correlation_id,
      }),
      now(),
    )
    return { device, issued }
  }

  return {
    prefix: '/esp/devices/{esp_id}',
    tag: 'Devices',
    routes: [
      route({
        method: 'POST',
        path: '/restart',
        role: 'operator',
        summary: 'Tell a device to restart',
        params,
        body: Type.Object(
          {
            delay_seconds: given(Type.Integer({ minimum: 0, maximum: 60 })),
            reason: given(Type.String({ maxLength: 200 })),
          },
          strict,
        ),
        answer: Commanded,
        errors: ['not_found', 'device_offline'],
        async handle(asked) {
          const delay_seconds = asked.body.delay_seconds ?? 0
          const reason = asked.body.reason || `Restart by ${asked.user.username}`
          // `delay` in ms is what older firmware reads. protocol.md §1.2
          const { device, issued } = await command(asked, asked.params.esp_id, 'reboot', {
            delay_seconds,
            delay: delay_seconds * 1000,
            reason,
          })
          return {
            ...told(device, 'The restart', issued),
            command: 'restart' as const,
            command_sent: issued.sent,
          }
        },
      }),

      route({
        method: 'POST',
        path: '/reset',
        role: 'operator',
        summary: 'Tell a device to forget everything it was told',
        params,
        body: Type.Object(
          {
            confirm: Type.Optional(Type.Boolean({ description: 'must be true' })),
            preserve_wifi: Type.Optional(
              Type.Boolean({ description: 'it keeps its Wi-Fi, so that it comes back' }),
            ),
          },
          strict,
        ),
        answer: Commanded,
        errors: ['request_refused', 'not_found', 'device_offline'],
        async handle(asked) {
          const { confirm, preserve_wifi = false } = asked.body
          if (confirm !== true)
            throw new Problem('request_refused', 'A factory reset cannot be undone: confirm must be true')
          const { device, issued } = await command(asked, asked.params.esp_id, 'factory_reset', {
            confirm,
            preserve_wifi,
            initiated_by: asked.user.username,
          })
          return {
            ...told(device, 'The factory reset', issued),
            command: 'factory_reset' as const,
            command_sent: issued.sent,
          }
        },
      }),

      route({
        method: 'POST',
        path: '/config',
        role: 'operator',
        summary: 'Send a device settings of its own: network, broker, intervals',
        params,
        body: Settings,
        answer: Type.Object({
          ...Told,
          config_sent: Type.Boolean({ description: 'it went out to somebody who listens to the topic' }),
          config_acknowledged: Type.Literal(false, { description: 'the device answers by config_response' }),
        }),
        errors: ['request_refused', 'not_found', 'device_offline'],
        async handle(asked) {
          const { esp_id } = asked.params
          const settings = Object.fromEntries(
            Object.entries(asked.body).filter(
              ([key, value]) => Object.hasOwn(Settings.properties, key) && value != null && value !== '',
            ),
          )
          const config_keys = Object.keys(settings)
          if (config_keys.length === 0) throw new Problem('request_refused', 'There is nothing to send')
          const device = present(esp_id)
          const issued = await tell.configure(device, settings, now())
          // Which settings, not what: there may be a password among them.
          const entry = byUser(asked, {
            event_type: issued.sent ? 'config_published' : 'config_failed',
            source_id: esp_id,
            status: issued.sent ? 'success' : 'failed',
            details: { config_keys, issued_by: asked.user.username },
            correlation_id: issued.correlation_id,
          })
          store.auditLogs.note({ ...entry, source_type: 'api' }, now())
          return {
            ...told(device, 'The configuration', issued),
            config_sent: issued.sent,
            config_acknowledged: false as const,
          }
        },
      }),
    ],
  }
}
