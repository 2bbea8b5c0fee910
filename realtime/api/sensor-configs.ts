/**
 * `/sensors`: how sensors are to be read. Whatever changes is sent to the device when it is online. Wire format:
 * rest-contract §9.
 */
import Type, { type Static } from 'typebox'
import type { Configuration } from '../../routing/configuration/configuration.js'
import { type ConfigRequest, locate, removableSensor, setConfig } from '../../routing/sensor-configs.js'
import type { Library } from '../../routing/sensors/library.js'
import type { Store } from '../../storage/store.js'
import { asking, changing } from '../asking.js'
import { mustFit, samePlace, tellConfig } from '../config-telling.js'
import { approvedDevice, deviceOf } from '../device-registry.js'
import { type Resource, route } from '../route.js'
import { ModeName, SensorConfigBody, sensorConfigBodies, sensorConfigBody } from '../sensor-config-body.js'
import { Address, ProbeSerial, SensorParams, SensorTypeName, WhichQuery } from '../sensor-request.js'
import { EspId, Gpio, given, ListOf, listed, PageQuery } from '../shapes.js'
import { byUser } from '../user-audit.js'

const Anything = given(Type.Record(Type.String(), Type.Unknown()))
const Limit = given(Type.Number({ description: 'in the unit of the sensor type' }))

const ConfigBody = Type.Object(
  {
    esp_id: given(EspId),
    gpio: given(Gpio),
    sensor_type: SensorTypeName,
    address: given(Address),
    name: given(Type.String({ maxLength: 100 })),
    enabled: Type.Optional(Type.Boolean({ description: 'default true' })),
    interval_ms: Type.Optional(
      Type.Integer({ minimum: 1_000, maximum: 300_000, description: 'ms, default 30000' }),
    ),
    processing_mode: Type.Optional(ModeName),
    calibration: Type.Optional(
      Type.Unknown({ description: 'as `calibrate` answers it, or a shape of the original; null for none' }),
    ),
    probe_serial: given(ProbeSerial),
    params: Anything,
    threshold_min: Limit,
    threshold_max: Limit,
    warning_min: Limit,
    warning_max: Limit,
    metadata: Anything,
  },
  { description: 'A field that is missing stays as it is; null clears it.' },
)

/** One config: by its gpio, or by its id as later versions of the original have it. */
const OneParams = Type.Object({
  esp_id: EspId,
  gpio: Type.Union([Gpio, Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' })], {
    description: 'the GPIO, or the id of the config',
  }),
})

/** What goes into a config as it is. */
const AS_GIVEN = [
  'enabled',
  'processing_mode',
  'calibration',
  'params',
  'threshold_min',
  'threshold_max',
  'warning_min',
  'warning_max',
  'metadata',
] as const satisfies readonly (keyof ConfigRequest)[]

/** Only what can be set; empty words are null. rest-contract §1 */
function requestOf(body: Static<typeof ConfigBody>): ConfigRequest {
  const { name, interval_ms, probe_serial } = body
  const given = AS_GIVEN.filter((field) => body[field] !== undefined)
  return {
    ...(Object.fromEntries(given.map((field) => [field, body[field]])) as ConfigRequest),
    ...(name !== undefined && { sensor_name: name || null }),
    ...(interval_ms !== undefined && { sample_interval_ms: interval_ms }),
    ...(probe_serial !== undefined && { probe_serial: probe_serial || null }),
  }
}

export interface SensorConfigsOptions {
  store: Store
  now: () => number
  library: Library
  configuration: Configuration
}

export function sensorConfigs(options: SensorConfigsOptions): Resource {
  const { store, now, library, configuration } = options

  return {
    prefix: '/sensors',
    tag: 'Sensors',
    routes: [
      route({
        method: 'GET',
        path: '',
        role: 'viewer',
        summary: 'Sensor configs, by device, GPIO and type',
        query: Type.Object({
          esp_id: Type.Optional(EspId),
          sensor_type: Type.Optional(SensorTypeName),
          enabled: Type.Optional(Type.Boolean()),
          ...PageQuery,
        }),
        answer: ListOf(SensorConfigBody),
        handle({ query: { esp_id, sensor_type, enabled, ...page } }) {
          const wanted = sensor_type && library.normalise(sensor_type)
          const found = store.sensorConfigs
            .list(esp_id)
            .filter((config) => !wanted || config.sensor_type === wanted)
            .filter((config) => enabled === undefined || (config.enabled === 1) === enabled)
          return listed(found, page, 'sensor configs', (configs) => sensorConfigBodies(store, configs))
        },
      }),

      route({
        method: 'GET',
        path: '/{esp_id}/{gpio}',
        role: 'viewer',
        summary: 'One sensor config; which, where several sensors share a GPIO',
        params: OneParams,
        query: Type.Object(WhichQuery),
        answer: SensorConfigBody,
        errors: ['not_found', 'sensor_ambiguous'],
        handle: ({ params, query }) =>
          sensorConfigBody(
            store,
            asking(() => locate(store, library, { ...params, ...query })),
          ),
      }),

      route({
        method: 'POST',
        path: '/{esp_id}/{gpio}',
        role: 'operator',
        summary: 'Say how a sensor is to be read; makes its config or changes it',
        params: Type.Object(SensorParams),
        body: ConfigBody,
        answer: SensorConfigBody,
        errors: ['not_found', 'gpio_conflict', 'configs_full', 'config_too_large'],
        async handle(asked) {
          const { params, body } = asked
          const { esp_id, gpio } = params
          samePlace(params, body)
          approvedDevice(store, esp_id)
          const { config, push } = await changing(store, () => {
            const device = deviceOf(store, esp_id)
            const sensor = { gpio, sensor_type: body.sensor_type, address: body.address }
            const { config, created } = setConfig(store, library, device, sensor, requestOf(body), now())
            mustFit(configuration, device, config)
            const { id, sensor_type, address } = config
            const details = { config_id: id, esp_id, gpio, sensor_type, address, created }
            store.auditLogs.insert(byUser(asked, { event_type: 'sensor_config_changed', details }), now())
            return { config, push: configuration.push(esp_id, 'sensor_config_changed', now()) }
          })
          tellConfig(options, asked, push)
          return sensorConfigBody(store, config)
        },
      }),

      route({
        method: 'DELETE',
        path: '/{esp_id}/{gpio}',
        role: 'operator',
        summary: 'Forget how a sensor is to be read; its readings and calibrations stay',
        params: OneParams,
        query: Type.Object(WhichQuery),
        answer: SensorConfigBody,
        errors: ['not_found', 'sensor_ambiguous', 'sensor_needed'],
        async handle(asked) {
          const { params, query } = asked
          const { deleted, push } = await changing(store, () => {
            const config = removableSensor(store, library, { ...params, ...query })
            const { id, esp_id, gpio, sensor_type, address } = config
            const deleted = sensorConfigBody(store, config)
            store.sensorConfigs.remove(config)
            const details = { config_id: id, esp_id, gpio, sensor_type, address }
            store.auditLogs.insert(byUser(asked, { event_type: 'sensor_config_deleted', details }), now())
            return { deleted, push: configuration.push(esp_id, 'sensor_config_deleted', now()) }
          })
          tellConfig(options, asked, push)
          return deleted
        },
      }),
    ],
  }
}
