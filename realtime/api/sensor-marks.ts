/** `/sensors/series/marks`: what happened meanwhile, for a chart to draw beside the readings. */
import Type from 'typebox'
import type { Store } from '../../storage/store.js'
import { actuatorMark, auditMark, MarkBody, markedEvents } from '../mark-body.js'
import { periodOf, TimeRange } from '../reading-range.js'
import { type Resource, route } from '../route.js'
import { EspId } from '../shapes.js'

const Instant = Type.String({ maxLength: 40, description: 'ISO 8601; UTC where no zone is said' })
const STANDARD = 200

export interface SensorMarksOptions {
  store: Store
  now: () => number
}

export const sensorMarks = ({ store, now }: SensorMarksOptions): Resource => ({
  prefix: '/sensors/series/marks',
  tag: 'Readings',
  routes: [
    route({
      method: 'GET',
      path: '',
      role: 'viewer',
      summary:
        'Commands, alerts, stops, connections, zones and configurations to draw into a chart, newest first',
      description:
        'Without `from`: the 24 hours before `to`; without `to`: up to now. What is about all devices or a zone is there for every `esp_id`. What is not on disk yet may be missing.',
      query: Type.Object({
        esp_id: Type.Optional(
          Type.Array(EspId, {
            minItems: 1,
            maxItems: 50,
            description: 'repeated for several; none means all',
          }),
        ),
        from: Type.Optional(Instant),
        to: Type.Optional(Instant),
        limit: Type.Optional(
          Type.Integer({ minimum: 1, maximum: 1_000, description: `default ${STANDARD}` }),
        ),
      }),
      answer: Type.Object({
        success: Type.Literal(true),
        time_range: TimeRange,
        marks: Type.Array(MarkBody),
        more: Type.Boolean({ description: 'there are older ones in this time' }),
      }),
      async handle({ query: { esp_id: esp_ids, from, to, limit = STANDARD } }) {
        const period = periodOf({ start_time: from, end_time: to }, now(), { start: 'from', end: 'to' })
        const { time_range } = period
        const range = { from: period.from, to: Date.parse(time_range.end), esp_ids, limit: limit + 1 }
        const entries = await store.marks.audit(markedEvents, range)
        const rows = await store.marks.actuators(range)
        const marks = [...entries.map(auditMark), ...rows.map(actuatorMark)].sort(
          (a, b) => b.timestamp - a.timestamp,
        )
        return {
          success: true as const,
          time_range,
          marks: marks.slice(0, limit),
          more: marks.length > limit,
        }
      },
    }),
  ],
})
