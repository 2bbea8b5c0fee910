/**
 * `/sensors/…/calibrate` and what belongs to it: calibrating a sensor, the history of its probes, and taking a
 * calibration back. Both can compute past values again in one go.
 */
import Type from 'typebox'
import { calibrateSensor, historyOf, undoCalibration } from '../../routing/calibrate.js'
import type { Recomputations } from '../../routing/recompute.js'
import { locate, locateOrMake } from '../../routing/sensor-configs.js'
import type { Library } from '../../routing/sensors/library.js'
import type { Store } from '../../storage/store.js'
import { asking, changing } from '../asking.js'
import { CalibrationEntry, calibrationEntries, RecomputationBody, Verdict } from '../calibration-body.js'
import { deviceOf } from '../device-registry.js'
import { createRecomputing } from '../recomputing.js'
import { type Resource, route } from '../route.js'
import { CalibrationBody } from '../sensor-config-body.js'
import { ProbeSerial, SensorParams, SensorTypeName, WhichBody, WhichQuery, which } from '../sensor-request.js'
import { EspId, given, ListOf, listed, nullable, PageQuery, Time } from '../shapes.js'
import { byUser } from '../user-audit.js'

export const Points = Type.Array(
  Type.Object({
    raw: Type.Number({ description: 'what the sensor gave, as in raw_value' }),
    reference: Type.Number({ description: 'what it is, in the unit of the sensor type' }),
  }),
  { minItems: 1, maxItems: 3 },
)
export const DueDays = given(
  Type.Integer({
    minimum: 1,
    maximum: 3_650,
    description: 'days; the sensor type’s own period when missing',
  }),
)
export const ReferenceTemperature = given(
  Type.Number({ minimum: -10, maximum: 80, description: 'of the references, °C' }),
)

const From = given(Time)

export interface CalibrationsOptions {
  store: Store
  now: () => number
  library: Library
  recomputations: Recomputations
}

export function calibrations({ store, now, library, recomputations }: CalibrationsOptions): Resource {
  const { since, soon } = createRecomputing({ store, now, recomputations })
  const entry = (record: Parameters<typeof calibrationEntries>[1][number]) =>
    calibrationEntries(store, [record], now())[0]!

  return {
    prefix: '/sensors',
    tag: 'Calibration',
    routes: [
      route({
        method: 'GET',
        path: '/calibrations',
        role: 'viewer',
        summary: 'Every calibration, newest first: of a probe wherever it was, or those that are due again',
        query: Type.Object({
          probe_serial: Type.Optional(ProbeSerial),
          sensor_type: Type.Optional(SensorTypeName),
          esp_id: Type.Optional(EspId),
          due: Type.Optional(
            Type.Boolean({ description: 'only those that are applied and due, or only the others' }),
          ),
          ...PageQuery,
        }),
        answer: ListOf(CalibrationEntry),
        handle({ query: { probe_serial, sensor_type, esp_id, due, ...page } }) {
          const wanted = sensor_type && library.normalise(sensor_type)
          const records = store.calibrations
            .list()
            .filter((record) => probe_serial === undefined || record.probe_serial === probe_serial)
            .filter((record) => !wanted || record.sensor_type === wanted)
            .filter((record) => esp_id === undefined || record.esp_id === esp_id)
            .reverse()
          const found = calibrationEntries(store, records, now()).filter(
            (one) => due === undefined || one.due === due,
          )
          return listed(found, page, 'calibrations', (entries) => [...entries])
        },
      }),

      route({
        method: 'GET',
        path: '/{esp_id}/{gpio}/calibrations',
        role: 'viewer',
        summary:
          'Calibrations of a sensor and of the probe that is there, newest first, also those taken back',
        params: Type.Object(SensorParams),
        query: Type.Object({ ...WhichQuery, ...PageQuery }),
        answer: ListOf(CalibrationEntry),
        errors: ['not_found', 'sensor_ambiguous'],
        handle({ params, query: { sensor_type, address, ...page } }) {
          const config = asking(() => locate(store, library, { ...params, sensor_type, address }))
          const found = calibrationEntries(store, historyOf(store, config), now())
          return listed(found, page, 'calibrations', (entries) => [...entries])
        },
      }),

      route({
        method: 'POST',
        path: '/{esp_id}/{gpio}/calibrate',
        role: 'operator',
        summary: 'Calibrate a sensor with one to three points and apply the result at once',
        description:
          'A sensor that sends values in their unit gets an offset, whatever its type. `recompute_from` computes past values again from there on.',
        params: Type.Object(SensorParams),
        body: Type.Object({
          ...WhichBody,
          points: Points,
          temperature: ReferenceTemperature,
          probe_serial: given(ProbeSerial),
          due_days: DueDays,
          recompute_from: From,
        }),
        answer: Type.Object({
          success: Type.Literal(true),
          message: Type.String(),
          id: Type.Integer(),
          calibration: CalibrationBody,
          verdict: Verdict,
          due_at: nullable(Time),
          recomputed: nullable(RecomputationBody),
        }),
        errors: ['not_found', 'sensor_ambiguous', 'gpio_conflict', 'configs_full', 'recompute_busy'],
        async handle(asked) {
          const { params, body, user } = asked
          const { points, temperature, probe_serial, due_days, recompute_from } = body
          const { record, job } = await changing(store, () => {
            const device = deviceOf(store, params.esp_id)
            const known = locateOrMake(store, library, device, { gpio: params.gpio, ...which(body) }, now())
            const request = {
              points,
              temperature: temperature ?? null,
              probe_serial: probe_serial ?? null,
              due_days: due_days ?? null,
            }
            const made = calibrateSensor(store, library, known, request, user.username, now())
            const { id, esp_id, gpio, sensor_type, address, verdict } = made.record
            const details = {
              id,
              esp_id,
              gpio,
              sensor_type,
              address,
              probe_serial: made.record.probe_serial,
              verdict,
            }
            store.auditLogs.insert(
              byUser(asked, { event_type: 'sensor_calibrated', message: verdict.sentence, details }),
              now(),
            )
            return { ...made, job: since(asked, made.config, recompute_from) }
          })
          const { id, calibration, verdict, due_at } = entry(record)
          return {
            success: true as const,
            message: verdict.sentence,
            id,
            calibration,
            verdict,
            due_at,
            recomputed: await soon(job),
          }
        },
      }),

      route({
        method: 'POST',
        path: '/{esp_id}/{gpio}/calibrations/{id}/undo',
        role: 'operator',
        summary: 'Take a calibration back; the one before it applies again',
        params: Type.Object({ ...SensorParams, id: Type.Integer({ minimum: 1 }) }),
        body: Type.Object({ ...WhichBody, recompute_from: From }),
        answer: Type.Object({
          success: Type.Literal(true),
          message: Type.String(),
          undone: CalibrationEntry,
          applied: nullable(CalibrationEntry),
          recomputed: nullable(RecomputationBody),
        }),
        errors: ['not_found', 'request_refused', 'sensor_ambiguous', 'recompute_busy'],
        async handle(asked) {
          const { params, body, user } = asked
          const { esp_id, gpio, id } = params
          const { config, record, job } = await changing(store, () => {
            const known = store.calibrations.get(id)
            // The calibration itself says which of several sensors it is of.
            const { sensor_type, address } = { ...(known && which(known)), ...defined(which(body)) }
            const config = locate(store, library, { esp_id, gpio, sensor_type, address })
            const { record } = undoCalibration(store, config, id, user.username, now())
            const details = { id, esp_id, gpio, sensor_type: config.sensor_type, address: config.address }
            store.auditLogs.insert(byUser(asked, { event_type: 'calibration_undone', details }), now())
            return { config, record, job: since(asked, config, body.recompute_from) }
          })
          const current = store.sensorConfigs.exact(config)
          const applied = store.calibrations.get(current?.calibration?.id ?? 0)
          return {
            success: true as const,
            message: applied
              ? `Calibration ${id} is taken back; ${applied.id} applies`
              : `Calibration ${id} is taken back; none applies`,
            undone: entry(record),
            applied: applied ? entry(applied) : null,
            recomputed: await soon(job),
          }
        },
      }),
    ],
  }
}

const defined = <T extends object>(fields: T): Partial<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>
