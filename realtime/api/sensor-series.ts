/**
 * `/sensors/series`: what a chart draws, any sensors together. A chart costs two points per pixel at most,
 * however long its time is; sensors are read and sent one after the other.
 */
import Type, { type Static } from 'typebox'
import { QUALITIES } from '../../routing/contract/quality.js'
import type { Library } from '../../routing/sensors/library.js'
import type { SeriesRange } from '../../storage/readings.js'
import type { Store } from '../../storage/store.js'
import { periodOf, TimeRange } from '../reading-range.js'
import { type Resource, route } from '../route.js'
import { type Named, namedSensors, SensorList } from '../series-request.js'
import { EspId, Gpio, nullable } from '../shapes.js'
import { pieces, streamed } from '../streamed.js'

const Instant = Type.String({ maxLength: 40, description: 'ISO 8601; UTC where no zone is said' })
const Milliseconds = Type.Integer({ description: 'ms since 1970' })
/** Pixels of a chart whose page does not say how wide it is. */
const WIDTH = 1_000

const SensorSeries = Type.Object({
  esp_id: EspId,
  gpio: Gpio,
  sensor_type: Type.String(),
  address: nullable(Type.String({ description: 'bus address' })),
  unit: nullable(Type.String({ description: 'of the latest reading, else of the type' })),
  bucket_ms: nullable(
    Type.Number({
      minimum: 1,
      description: 'what two points stand for, the least and the greatest; null when each reading is a point',
    }),
  ),
  interval_ms: nullable(
    Type.Number({
      minimum: 0,
      description: 'how often it usually measures; null when there are too few to say',
    }),
  ),
  readings: Type.Integer({ minimum: 0, description: 'what the points are made of' }),
  timestamps: Type.Array(Milliseconds, { description: 'in order' }),
  values: Type.Array(nullable(Type.Number()), {
    description: 'one for each time; null breaks the line: nothing was measured from there to the next point',
  }),
  flaws: Type.Array(
    Type.Object({ from: Milliseconds, to: Milliseconds, quality: Type.Enum([...QUALITIES]) }),
    {
      description: 'times whose worst quality was less than good',
    },
  ),
})

export const SeriesAnswer = Type.Object({
  success: Type.Literal(true),
  time_range: TimeRange,
  points: Type.Integer({ description: 'as asked' }),
  series: Type.Array(SensorSeries, { description: 'in the order they were asked for' }),
})

export interface SensorSeriesOptions {
  store: Store
  library: Library
  now: () => number
}

export const sensorSeries = ({ store, library, now }: SensorSeriesOptions): Resource => {
  async function drawn(
    { sensor, address, ...names }: Named,
    range: SeriesRange,
    signal: AbortSignal,
  ): Promise<Static<typeof SensorSeries>> {
    const unit = sensor?.latest?.unit ?? (library.find(names.sensor_type)?.unit || null)
    const line = sensor
      ? await store.readings.series(sensor, range, signal)
      : { bucket_ms: null, interval_ms: null, readings: 0, timestamps: [], values: [], flaws: [] }
    return { ...names, address: address || null, unit, ...line }
  }

  async function* text(
    sensors: readonly Named[],
    about: object,
    range: SeriesRange,
    signal: AbortSignal,
  ): AsyncGenerator<string, void> {
    yield `${JSON.stringify(about).slice(0, -1)},"series":[`
    let between = ''
    for (const sensor of sensors) {
      yield between + JSON.stringify(await drawn(sensor, range, signal))
      between = ','
    }
    yield ']}'
  }

  return {
    prefix: '/sensors/series',
    tag: 'Readings',
    routes: [
      route({
        method: 'GET',
        path: '',
        role: 'viewer',
        summary: 'What a chart draws of any sensors: two points per pixel at most',
        description:
          'Where there are more readings than `points`, each bucket gives its least and its greatest value, in the order they were measured. Without `from`: the 24 hours before `to`; without `to`: up to now. Values are in the unit of the type, native numbers where nothing converts them. Readings that are not on disk yet may be missing.',
        query: Type.Object({
          sensor: SensorList,
          from: Type.Optional(Instant),
          to: Type.Optional(Instant),
          points: Type.Optional(
            Type.Integer({
              minimum: 10,
              maximum: 10_000,
              description: `width of the chart in pixels; default ${WIDTH}`,
            }),
          ),
        }),
        answer: SeriesAnswer,
        handle({ query: { sensor, points = WIDTH, from: start_time, to: end_time }, c }) {
          const sensors = namedSensors(store, library, sensor)
          const { time_range } = periodOf({ start_time, end_time }, now(), { start: 'from', end: 'to' })
          const range = { from: Date.parse(time_range.start), to: Date.parse(time_range.end), points }
          return streamed(
            pieces(text(sensors, { success: true, time_range, points }, range, c.req.raw.signal)),
            { 'Content-Type': 'application/json' },
          )
        },
      }),
    ],
  }
}
