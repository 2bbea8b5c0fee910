/**
 * `/sensors`: the readings themselves, the latest of each sensor and those of a time, as JSON, CSV or NDJSON.
 * Long answers are read and sent in portions. Wire format: rest-contract §9.
 */
import { setImmediate } from 'node:timers/promises'
import Type, { type Static } from 'typebox'
import { DATA_SOURCES, type DataSource } from '../../routing/contract/quality.js'
import type { Library } from '../../routing/sensors/library.js'
import type { Bucket, Range } from '../../storage/readings.js'
import type { Store } from '../../storage/store.js'
import { Problem } from '../problem.js'
import { Cursor, DataAnswer, DataQuery, LatestAnswer, Limit, POINTS } from '../reading-answers.js'
import { createReadingText, isoText } from '../reading-body.js'
import { type ExportFormat, exportFormats, exportOf } from '../reading-export.js'
import { readingFile, readingPage } from '../reading-page.js'
import { commonOf, ofOneType, type Period, periodOf, positionOf, sensorsOf } from '../reading-range.js'
import { type Resource, route } from '../route.js'
import { namedSensors } from '../series-request.js'
import { EspId } from '../shapes.js'
import { pieces, streamed } from '../streamed.js'
import { wrongField } from '../validate.js'

const point = ({ timestamp, ...rest }: Bucket) => ({ timestamp: isoText(timestamp), ...rest })

const JSON_TYPE = { 'Content-Type': 'application/json' }
const PORTION = 500

export interface SensorDataOptions {
  store: Store
  library: Library
  now: () => number
}

export const sensorData = ({ store, library, now }: SensorDataOptions): Resource => {
  /** The latest readings are in memory; only their text takes time. */
  async function* latest(esp_id: string | undefined): AsyncGenerator<string, void> {
    const readings = store.readings.latest(esp_id)
    const textOf = createReadingText()
    yield '{"success":true,"data":['
    for (let at = 0; at < readings.length; at += PORTION) {
      if (at > 0) await setImmediate()
      yield (at > 0 ? ',' : '') +
        readings
          .slice(at, at + PORTION)
          .map(textOf)
          .join(',')
    }
    yield `],"total":${readings.length}}`
  }

  const file = (format: ExportFormat, range: Range): Response =>
    streamed(pieces(readingFile(store, range, format)), {
      'Content-Type': format.content_type,
      'Content-Disposition': `attachment; filename="${fileName(format, range, now())}"`,
    })

  async function series(
    query: Static<typeof DataQuery>,
    range: Range,
    { time_range }: Period,
    interval: number,
  ): Promise<Static<typeof DataAnswer>> {
    ofOneType(range.sensors, library)
    const span = Date.parse(time_range.end) - range.from
    if (span / interval > POINTS)
      throw wrongField(
        'interval',
        `must be at least ${Math.ceil(span / POINTS)} ms for this time`,
        interval,
        'query',
      )
    const points = (await store.readings.buckets(range, interval)).map(point)
    return {
      success: true,
      message: `${points.length} ${points.length === 1 ? 'interval' : 'intervals'}`,
      ...commonOf(range.sensors, query, library),
      readings: [],
      count: 0,
      next_cursor: null,
      aggregation: { interval, points },
      time_range,
    }
  }

  return {
    prefix: '/sensors',
    tag: 'Readings',
    routes: [
      route({
        method: 'GET',
        path: '/latest',
        role: 'viewer',
        summary: 'The latest reading of every sensor',
        query: Type.Object({ esp_id: Type.Optional(EspId) }),
        answer: LatestAnswer,
        handle: ({ query: { esp_id } }) => streamed(pieces(latest(esp_id)), JSON_TYPE),
      }),

      route({
        method: 'GET',
        path: '/data',
        role: 'viewer',
        summary: 'Readings, newest first; as CSV or NDJSON all of them',
        description:
          'Filters apply together; `sensor` names sensors one by one, in place of esp_id, gpio, sensor_type and address. Without start_time: the last 24 hours, as a file everything. A page may be shorter than limit where few readings fit the quality or data_source; the last one has no next_cursor. Files go sensor by sensor, oldest first, and know neither limit nor cursor. Readings that are not on disk yet may be missing.',
        query: DataQuery,
        answer: DataAnswer,
        media: Object.values(exportFormats).map(({ media }) => media),
        errors: ['not_found'],
        handle({ query, c }) {
          const { quality, data_source, limit = 100, order = 'desc', interval } = query
          const sensors = query.sensor
            ? namedSensors(store, library, query.sensor).flatMap(({ sensor }) => sensor ?? [])
            : sensorsOf(store, library, query)
          const format = exportOf(query.format, c.req.header('accept') ?? '')
          const ever = format && query.start_time === undefined
          const period = periodOf(ever ? { ...query, start_time: BEGINNING } : query, now())
          const range = { sensors, from: period.from, to: period.to, quality, data_source }
          if (format) return file(format, range)
          if (interval !== undefined) return series(query, range, period, interval)
          const about = {
            success: true,
            ...commonOf(sensors, query, library),
            aggregation: null,
            time_range: period.time_range,
          }
          const after = positionOf(query.cursor)
          return streamed(
            pieces(readingPage(store, { range: { ...range, order, after }, limit, about })),
            JSON_TYPE,
          )
        },
      }),

      route({
        method: 'GET',
        path: '/data/by-source/{source}',
        role: 'viewer',
        summary: 'Readings of one data source, newest first',
        params: Type.Object({ source: Type.String({ description: DATA_SOURCES.join(', ') }) }),
        query: Type.Object({ esp_id: Type.Optional(EspId), limit: Limit, cursor: Cursor }),
        answer: DataAnswer,
        errors: ['not_found', 'payload_invalid'],
        handle({ params: { source }, query }) {
          const data_source = source.toLowerCase() as DataSource
          if (!DATA_SOURCES.includes(data_source))
            throw new Problem('payload_invalid', `source is one of ${DATA_SOURCES.join(', ')}, not ${source}`)
          const sensors = sensorsOf(store, library, query)
          const range = {
            sensors,
            from: 0,
            to: Number.MAX_SAFE_INTEGER,
            data_source,
            order: 'desc' as const,
            after: positionOf(query.cursor),
          }
          const about = {
            success: true,
            ...commonOf(sensors, query, library),
            aggregation: null,
            time_range: null,
          }
          return streamed(pieces(readingPage(store, { range, limit: query.limit ?? 100, about })), JSON_TYPE)
        },
      }),
    ],
  }
}

/** Before every reading. */
const BEGINNING = '1970-01-01'

/** What a browser calls the file: whose readings, and until when. */
function fileName(format: ExportFormat, { sensors, to }: Range, now: number): string {
  const devices = new Set(sensors.map(({ esp_id }) => esp_id))
  const whose = devices.size === 1 ? `-${[...devices][0]}` : ''
  const end = isoText(Math.min(to, now)).slice(0, 10)
  return `readings${whose}-${end}.${format === exportFormats.csv ? 'csv' : 'ndjson'}`
}
