/** `/esp/devices/{esp_id}/health` and `/gpio-status`: how a device is and was, as it says itself. */
import Type, { type Static } from 'typebox'
import { createPins } from '../../routing/configuration/pins.js'
import type { Library } from '../../routing/sensors/library.js'
import type { ActuatorConfig } from '../../storage/actuator-configs.js'
import type { Device } from '../../storage/devices.js'
import type { SensorConfig } from '../../storage/sensor-configs.js'
import type { Store } from '../../storage/store.js'
import { StatusName, statusOf } from '../device-body.js'
import { DeviceParams, deviceOf } from '../device-registry.js'
import { type Resource, route } from '../route.js'
import { Gpio, nullable, Time } from '../shapes.js'
import { uptimeText } from '../uptime.js'
import { iso } from '../web.js'

const params = Type.Object(DeviceParams)
const Count = Type.Integer({ minimum: 0 })

const vitals = {
  uptime: nullable(Type.Integer({ description: 'seconds' })),
  heap_free: nullable(Type.Integer({ description: 'bytes' })),
  wifi_rssi: nullable(Type.Integer({ description: 'dBm' })),
  sensor_count: nullable(Count),
  actuator_count: nullable(Count),
}
const Metrics = Type.Object({
  ...vitals,
  timestamp: Type.Number({ description: 'of its last heartbeat, Unix seconds' }),
})
const Sample = Type.Object({
  timestamp: Time,
  health_status: nullable(Type.String()),
  ...vitals,
  error_count: nullable(Count),
})

const HOUR = 3_600_000
const WEEK = 168

const metricsOf = (device: Device) =>
  device.last_heartbeat === null
    ? null
    : {
        uptime: device.uptime,
        heap_free: device.heap_free,
        wifi_rssi: device.wifi_rssi,
        sensor_count: device.sensor_count,
        actuator_count: device.actuator_count,
        timestamp: device.last_heartbeat / 1000,
      }

/** A pin as the device reports it. protocol.md §2.6 */
interface Reported {
  gpio: number
  owner?: string | null
  component?: string | null
  mode?: string | number | null
  safe?: boolean | null
}

const Pin = Type.Object({
  gpio: Gpio,
  owner: Type.String({ description: 'sensor, actuator, bus or system, as the device says' }),
  component: Type.String(),
  mode: nullable(Type.Union([Type.String(), Type.Integer()])),
  safe: nullable(Type.Boolean({ description: 'it is held in a safe state' })),
  name: nullable(Type.String()),
  id: nullable(Type.String({ description: 'of the config' })),
  source: Type.Enum(['esp_reported', 'database', 'readings'], {
    description: 'who says so: the device, a config, or readings that come from there',
  }),
})

const BLANK = { owner: 'sensor', mode: null, safe: null, name: null, id: null }

/** A pin that a config takes. */
const configured = (gpio: number, config: SensorConfig | ActuatorConfig): Static<typeof Pin> => ({
  ...BLANK,
  gpio,
  id: config.id,
  source: 'database',
  ...('sensor_type' in config
    ? { component: config.sensor_type, name: config.sensor_name }
    : { owner: 'actuator', component: config.actuator_type, name: config.actuator_name }),
})

export interface DeviceHealthOptions {
  store: Store
  library: Library
  now: () => number
}

export const deviceHealth = ({ store, library, now }: DeviceHealthOptions): Resource => ({
  prefix: '/esp/devices/{esp_id}',
  tag: 'Devices',
  routes: [
    route({
      method: 'GET',
      path: '/health',
      role: 'viewer',
      summary: 'How a device is, and how it was: one sample per five minutes, for a week at most',
      params,
      query: Type.Object({
        hours: Type.Optional(
          Type.Integer({ minimum: 1, maximum: WEEK, description: 'of history, default 24' }),
        ),
      }),
      answer: Type.Object({
        success: Type.Literal(true),
        message: Type.String(),
        device_id: Type.String(),
        status: StatusName,
        health_status: nullable(Type.String({ description: 'healthy, degraded or critical' })),
        system_state: nullable(Type.String()),
        metrics: nullable(Metrics),
        condition: Type.Record(Type.String(), Type.Unknown(), { description: 'what else it said of itself' }),
        last_seen: nullable(Time),
        uptime_formatted: nullable(Type.String({ description: '1d 2h 3m' })),
        history: Type.Array(Sample, { description: 'oldest first' }),
      }),
      errors: ['not_found'],
      handle({ params: { esp_id }, query: { hours = 24 } }) {
        const device = deviceOf(store, esp_id)
        const metrics = metricsOf(device)
        return {
          success: true as const,
          message: metrics ? `${esp_id} is ${statusOf(device)}` : `${esp_id} has sent no heartbeat yet`,
          device_id: esp_id,
          status: statusOf(device),
          health_status: device.health_status,
          system_state: device.system_state,
          metrics,
          condition: JSON.parse(device.health) as Record<string, unknown>,
          last_seen: iso(device.last_seen),
          uptime_formatted: device.uptime === null ? null : uptimeText(device.uptime),
          history: store.deviceHealth
            .list(esp_id, now() - hours * HOUR)
            .map(({ esp_id: _, slot: __, timestamp, ...sample }) => ({
              ...sample,
              timestamp: iso(timestamp)!,
            })),
        }
      },
    }),

    route({
      method: 'GET',
      path: '/gpio-status',
      role: 'viewer',
      summary: 'Which pins of a device are in use: as it reports, as people configured, as its readings show',
      description: 'Pins that neither is known of are not listed: kaiser does not guess which are free.',
      params,
      answer: Type.Object({
        success: Type.Literal(true),
        esp_id: Type.String(),
        hardware_type: Type.String(),
        reserved: Type.Array(Pin),
        system: Type.Array(Gpio, { description: 'those the firmware keeps for itself' }),
        total_reserved: Count,
        last_esp_report: nullable(Time),
      }),
      errors: ['not_found'],
      handle({ params: { esp_id } }) {
        const device = deviceOf(store, esp_id)
        const { gpio_status = null } = JSON.parse(device.health) as { gpio_status?: Reported[] | null }
        const pins: Static<typeof Pin>[] = (gpio_status ?? []).map((pin) => ({
          ...BLANK,
          gpio: pin.gpio,
          owner: pin.owner ?? 'unknown',
          component: pin.component ?? '',
          mode: pin.mode ?? null,
          safe: pin.safe ?? null,
          source: 'esp_reported',
        }))
        const told = new Set(pins.map(({ gpio }) => gpio))
        for (const { gpio, config } of createPins(store, library).taken(device))
          if (!told.has(gpio)) pins.push(configured(gpio, config))
        const taken = new Set(pins.map(({ gpio }) => gpio))
        for (const { gpio, actuator_type } of store.actuatorStates.list(esp_id))
          if (!taken.has(gpio))
            pins.push({
              ...BLANK,
              gpio,
              owner: 'actuator',
              component: actuator_type ?? '',
              source: 'esp_reported',
            })
        for (const { gpio, sensor_type } of store.readings.latest(esp_id))
          if (!taken.has(gpio)) pins.push({ ...BLANK, gpio, component: sensor_type, source: 'readings' })
        const reserved = pins.sort((a, b) => a.gpio - b.gpio)
        const system = reserved.filter(({ owner }) => owner === 'system').map(({ gpio }) => gpio)
        return {
          success: true as const,
          esp_id,
          hardware_type: device.hardware_type,
          reserved,
          system,
          total_reserved: reserved.length,
          last_esp_report: gpio_status === null ? null : iso(device.last_heartbeat),
        }
      },
    }),
  ],
})
