/** `/sensors`: what many readings amount to. Wire format: rest-contract §9. */
import Type from 'typebox'
import { QUALITIES } from '../../routing/contract/quality.js'
import type { Library } from '../../routing/sensors/library.js'
import type { Store } from '../../storage/store.js'
import { Problem } from '../problem.js'
import { Common, commonOf, ofOneType, PeriodQuery, periodOf, sensorsOf, TimeRange } from '../reading-range.js'
import { type Resource, route } from '../route.js'
import { SensorParams, WhichQuery } from '../sensor-request.js'
import { nullable } from '../shapes.js'

const Value = (description: string) => nullable(Type.Number({ description }))

const StatisticsBody = Type.Object({
  min_value: Value('null when there is no value'),
  max_value: Value('null when there is no value'),
  avg_value: Value('null when there is no value'),
  std_dev: Value('of the values themselves (divided by their number)'),
  reading_count: Type.Integer({ description: 'with or without a value' }),
  quality_distribution: Type.Object(
    Object.fromEntries(QUALITIES.map((quality) => [quality, Type.Optional(Type.Integer())])),
    { description: 'readings per quality' },
  ),
})

export interface SensorStatisticsOptions {
  store: Store
  library: Library
  now: () => number
}

export const sensorStatistics = ({ store, library, now }: SensorStatisticsOptions): Resource => ({
  prefix: '/sensors',
  tag: 'Readings',
  routes: [
    route({
      method: 'GET',
      path: '/data/stats/by-source',
      role: 'viewer',
      summary: 'How many readings there are of each data source',
      answer: Type.Object({
        success: Type.Literal(true),
        counts: Type.Object({
          production: Type.Integer(),
          mock: Type.Integer(),
          test: Type.Integer(),
          simulation: Type.Integer(),
        }),
        total: Type.Integer(),
      }),
      errors: ['storage_unavailable'],
      handle() {
        const counts = store.readings.bySource()
        if (!counts)
          throw new Problem('storage_unavailable', 'Older readings are being counted; try again in a moment')
        return {
          success: true as const,
          counts,
          total: Object.values(counts).reduce((sum, count) => sum + count, 0),
        }
      },
    }),

    route({
      method: 'GET',
      path: '/{esp_id}/{gpio}/stats',
      role: 'viewer',
      summary: 'Least, greatest and mean value of a sensor, and how far it could be trusted',
      description:
        'Without start_time: the last 24 hours. Values are in the unit of the type, native numbers where nothing converts them.',
      params: Type.Object(SensorParams),
      query: Type.Object({ ...WhichQuery, ...PeriodQuery }),
      answer: Type.Object({
        success: Type.Literal(true),
        message: Type.String(),
        ...Common,
        unit: nullable(Type.String()),
        stats: StatisticsBody,
        time_range: TimeRange,
      }),
      errors: ['not_found'],
      async handle({ params, query }) {
        const asked = { ...params, ...query }
        const { from, to, time_range } = periodOf(query, now())
        const sensors = sensorsOf(store, library, asked)
        if (sensors.length === 0)
          throw new Problem('not_found', `${params.esp_id} has no such sensor on GPIO ${params.gpio}`)
        ofOneType(sensors, library)
        const stats = await store.readings.statistics({ sensors, from, to })
        return {
          success: true as const,
          message: `${stats.reading_count} ${stats.reading_count === 1 ? 'reading' : 'readings'}`,
          ...commonOf(sensors, asked, library),
          unit: library.find(sensors[0]!.sensor_type)?.unit || null,
          stats,
          time_range,
        }
      },
    }),
  ],
})
