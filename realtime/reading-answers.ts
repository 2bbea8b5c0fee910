/** What is asked of `/sensors/data` and `/sensors/latest`, and what they answer. rest-contract §9 */
import Type from 'typebox'
import { DataSourceName, QualityName, ReadingBody } from './reading-body.js'
import { Common, PeriodQuery, SensorQuery, TimeRange } from './reading-range.js'
import { SensorList } from './series-request.js'
import { nullable, Time } from './shapes.js'

export const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, description: 'default 100' }))
export const Cursor = Type.Optional(
  Type.String({ description: 'next_cursor of the page before; what comes meanwhile does not shift it' }),
)

/** Points of a series that a chart can show. */
export const POINTS = 1_000

export const DataQuery = Type.Object({
  ...SensorQuery,
  sensor: Type.Optional(SensorList),
  ...PeriodQuery,
  quality: Type.Optional(QualityName),
  data_source: Type.Optional(DataSourceName),
  limit: Limit,
  cursor: Cursor,
  order: Type.Optional(
    Type.Union([Type.Literal('desc'), Type.Literal('asc')], { description: 'default desc: newest first' }),
  ),
  interval: Type.Optional(
    Type.Integer({ minimum: 1_000, description: `ms: statistics per interval, at most ${POINTS} of them` }),
  ),
  format: Type.Optional(
    Type.Union([Type.Literal('json'), Type.Literal('csv'), Type.Literal('ndjson')], {
      description: 'goes before the Accept header',
    }),
  ),
})

const Aggregation = Type.Object({
  interval: Type.Integer({ description: 'ms' }),
  points: Type.Array(
    Type.Object({
      timestamp: Time,
      min_value: Type.Number(),
      max_value: Type.Number(),
      avg_value: Type.Number(),
      count: Type.Integer(),
    }),
    { description: 'intervals with at least one value, by their begin' },
  ),
})

export const DataAnswer = Type.Object({
  success: Type.Literal(true),
  message: Type.String(),
  ...Common,
  readings: Type.Array(ReadingBody),
  count: Type.Integer(),
  next_cursor: nullable(Type.String({ description: 'of the next page; null when this is the last one' })),
  aggregation: nullable(Aggregation),
  time_range: nullable(TimeRange),
})

export const LatestAnswer = Type.Object({
  success: Type.Literal(true),
  data: Type.Array(ReadingBody),
  total: Type.Integer(),
})
