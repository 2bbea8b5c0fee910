/**
 * `/sensors/types`, `/sensors/process`, `/sensors/calibrate`, `/sensors/health`: the sensor library over HTTP, for
 * devices and people who want a conversion without a reading. Nothing is stored unless `save_to_config` says so.
 * Wire format: protocol.md §6, §7.7.
 */
import Type from 'typebox'
import { calibrateSensor } from '../../routing/calibrate.js'
import { QUALITIES } from '../../routing/contract/quality.js'
import type { Instruments } from '../../routing/instruments.js'
import { locateOrMake } from '../../routing/sensor-configs.js'
import { calibrate } from '../../routing/sensors/calibration.js'
import { convert, engineering, isRemote, type KnownType } from '../../routing/sensors/library.js'
import type { Conversion, Converted } from '../../routing/sensors/sensor-type.js'
import { storedCalibration } from '../../routing/sensors/stored-calibration.js'
import type { Store } from '../../storage/store.js'
import { changing } from '../asking.js'
import { Verdict } from '../calibration-body.js'
import { deviceOf } from '../device-registry.js'
import { type Resource, route } from '../route.js'
import { CalibrationBody } from '../sensor-config-body.js'
import { ProbeSerial, SensorTypeName, WhichBody, which } from '../sensor-request.js'
import { SensorTypeBody, sensorTypeBody } from '../sensor-type-body.js'
import { EspId, Gpio, given, nullable } from '../shapes.js'
import { byUser } from '../user-audit.js'
import { wrongField } from '../validate.js'
import { DueDays, Points, ReferenceTemperature } from './calibrations.js'

const Options = given(
  Type.Record(Type.String(), Type.Unknown(), { description: 'options of the conversion' }),
)
export interface SensorProcessingOptions {
  store: Store
  now: () => number
  monotonic: () => number
  instruments: Instruments
  /** A user's module converts a native number, off the event loop; undefined when it failed. */
  convertRemote: (type: string, native: number, conversion: Conversion) => Promise<Converted | undefined>
}

export function sensorProcessing(options: SensorProcessingOptions): Resource {
  const { store, now, monotonic, instruments, convertRemote } = options
  const { library } = instruments

  /** Throws Problem (422). */
  const typeOf = (sensor_type: string): KnownType => {
    const type = library.find(sensor_type)
    if (type) return type
    throw wrongField(
      'sensor_type',
      'must be one that GET /api/v1/sensors/types lists, or an alias',
      sensor_type,
    )
  }

  const converted = async (type: KnownType, raw: number, conversion: Conversion): Promise<Converted> => {
    if (!isRemote(type)) return convert(type, raw, conversion)
    const failed = {
      value: null,
      quality: 'error',
      reason: `The module of ${type.type} gave no value`,
    } as const
    return (await convertRemote(type.type, raw, conversion)) ?? failed
  }

  return {
    prefix: '/sensors',
    tag: 'Sensor library',
    routes: [
      route({
        method: 'GET',
        path: '/types',
        role: 'viewer',
        summary: 'Every sensor type kaiser can convert, users’ own included',
        answer: Type.Object({
          success: Type.Literal(true),
          data: Type.Array(SensorTypeBody),
          total: Type.Integer(),
        }),
        handle() {
          const data = library.list().map(sensorTypeBody)
          return { success: true as const, data, total: data.length }
        },
      }),

      route({
        method: 'GET',
        path: '/health',
        role: 'viewer',
        summary: 'What the library and its configs are in numbers',
        answer: Type.Object({
          success: Type.Literal(true),
          sensor_types: Type.Integer(),
          user_types: Type.Integer({ description: 'of them, those a module of the user converts' }),
          sensor_configs: Type.Integer(),
          configs_failed: Type.Integer({ description: 'those a device refused' }),
          calibrations_due: Type.Integer({ description: 'applied, and due again' }),
        }),
        handle() {
          const types = library.list()
          const configs = store.sensorConfigs.list()
          return {
            success: true as const,
            sensor_types: types.length,
            user_types: types.filter(({ remote }) => remote).length,
            sensor_configs: configs.length,
            configs_failed: configs.filter(({ config_status }) => config_status === 'failed').length,
            calibrations_due: configs.filter(({ calibration }) => (calibration?.due_at ?? Infinity) <= now())
              .length,
          }
        },
      }),

      route({
        method: 'POST',
        path: '/process',
        role: 'operator',
        summary: 'Convert a native number, as a reading of that sensor would be',
        description:
          'Calibration and options are those of the sensor’s config unless the request brings its own; `params.raw_mode: false` says that the number is in the unit already.',
        body: Type.Object({
          esp_id: EspId,
          gpio: Gpio,
          sensor_type: SensorTypeName,
          address: WhichBody.address,
          raw_value: Type.Number(),
          calibration: Type.Optional(Type.Unknown()),
          params: Options,
          timestamp: given(Type.Number({ description: 'not used: nothing is stored' })),
        }),
        answer: Type.Object({
          success: Type.Boolean({ description: 'there is a value' }),
          processed_value: nullable(Type.Number()),
          unit: Type.String(),
          quality: Type.Enum([...QUALITIES]),
          processing_time_ms: Type.Number(),
          error: nullable(Type.String({ description: 'why there is no value' })),
          metadata: Type.Object({
            sensor_type: Type.String({ description: 'canonical name' }),
            calibrated: Type.Boolean(),
            temperature: nullable(Type.Number({ description: 'that it was compensated with, °C' })),
            reason: nullable(Type.String({ description: 'why the quality is what it is' })),
          }),
        }),
        async handle({ body: { esp_id, gpio, raw_value, params, ...body } }) {
          const began = monotonic()
          const type = typeOf(body.sensor_type)
          const config = store.sensorConfigs.find(esp_id, gpio, type.type, body.address ?? '')
          const known = instruments.conversion(esp_id, type, config, now())
          const given =
            body.calibration === undefined ? known.calibration : storedCalibration(type, body.calibration)
          if (typeof given === 'string') throw wrongField('calibration', given, body.calibration)
          const options = { ...known.params, ...params }
          const temperature = typeof params?.temperature === 'number' ? params.temperature : known.temperature
          const { value, quality, reason } =
            options.raw_mode === false
              ? engineering(type, raw_value, given)
              : await converted(type, raw_value, { calibration: given, params: options, temperature })
          return {
            success: value !== null,
            processed_value: value,
            unit: type.unit,
            quality,
            processing_time_ms: Math.round((monotonic() - began) * 1000) / 1000,
            error: value === null ? (reason ?? 'The number could not be converted') : null,
            metadata: {
              sensor_type: type.type,
              calibrated: given !== null,
              temperature,
              reason: reason ?? null,
            },
          }
        },
      }),

      route({
        method: 'POST',
        path: '/calibrate',
        role: 'operator',
        summary: 'What a calibration would be; with save_to_config it is applied and kept',
        body: Type.Object({
          esp_id: EspId,
          gpio: Gpio,
          sensor_type: SensorTypeName,
          address: WhichBody.address,
          points: Type.Optional(Points),
          calibration_points: Type.Optional(Points),
          temperature: ReferenceTemperature,
          params: Options,
          probe_serial: given(ProbeSerial),
          due_days: DueDays,
          save_to_config: Type.Optional(Type.Boolean()),
        }),
        answer: Type.Object({
          success: Type.Literal(true),
          message: Type.String(),
          sensor_type: Type.String(),
          method: Type.String(),
          calibration: CalibrationBody,
          verdict: Verdict,
          saved: Type.Boolean(),
          id: nullable(Type.Integer({ description: 'in the history, when it was saved' })),
        }),
        errors: ['not_found', 'sensor_ambiguous', 'gpio_conflict', 'configs_full'],
        async handle(asked) {
          const { body, user } = asked
          const { esp_id, gpio, temperature = null, params } = body
          const points = body.points ?? body.calibration_points
          if (!points) throw wrongField('points', 'is required', null)
          const type = typeOf(body.sensor_type)
          if (!body.save_to_config) {
            const config = store.sensorConfigs.find(esp_id, gpio, type.type, body.address ?? '')
            const made = calibrate(type, points, temperature, {
              params: { ...config?.params, ...params },
              engineering: params?.raw_mode === false,
            })
            if (typeof made === 'string') throw wrongField('points', made, points)
            return answered(type, made, null)
          }
          const { record } = await changing(store, () => {
            const device = deviceOf(store, esp_id)
            const config = locateOrMake(store, library, device, { gpio, ...which(body) }, now())
            const request = {
              points,
              temperature,
              probe_serial: body.probe_serial ?? null,
              due_days: body.due_days ?? null,
            }
            const made = calibrateSensor(store, library, config, request, user.username, now())
            const { id, address, probe_serial, verdict } = made.record
            const details = { id, esp_id, gpio, sensor_type: type.type, address, probe_serial, verdict }
            store.auditLogs.insert(
              byUser(asked, { event_type: 'sensor_calibrated', message: verdict.sentence, details }),
              now(),
            )
            return made
          })
          return answered(type, record, record.id)
        },
      }),
    ],
  }
}

function answered(
  { type }: KnownType,
  { calibration, verdict }: Exclude<ReturnType<typeof calibrate>, string> | Kept,
  id: number | null,
) {
  const message = id === null ? verdict.sentence : `${verdict.sentence} It is applied.`
  const copy = { ...calibration, points: [...calibration.points] }
  return {
    success: true as const,
    message,
    sensor_type: type,
    method: calibration.method,
    calibration: copy,
    verdict,
    saved: id !== null,
    id,
  }
}
type Kept = ReturnType<typeof calibrateSensor>['record']
