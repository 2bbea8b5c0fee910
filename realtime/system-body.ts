/** What the System page lists, besides what `/health/detailed` says; whoever gathers it and whoever shows it read this. */
import Type, { type Static } from 'typebox'
import { nullable } from './shapes.js'

const Bytes = Type.Integer({ minimum: 0, description: 'bytes' })
const PerSecond = Type.Number({ minimum: 0, description: 'per second' })
const Version = nullable(Type.String({ description: 'of its package; null where it cannot be found out' }))

export const Figures = {
  versions: Type.Object({
    kaiser: Type.String(),
    node: Type.String(),
    sqlite: Type.String(),
    uws: Version,
    aedes: Version,
    platform: Type.String({ description: 'operating system and processor' }),
  }),
  disk: Type.Object({
    free_bytes: Bytes,
    total_bytes: Bytes,
    database_bytes: Bytes,
    wal_bytes: Type.Integer({ minimum: 0, description: 'bytes of the write-ahead log' }),
  }),
  memory: Type.Object({ resident_bytes: Bytes, heap_bytes: Bytes }),
  rates: Type.Object({
    over_s: Type.Integer({ minimum: 1, description: 'how long it was counted, about a minute, s' }),
    messages: Type.Number({ minimum: 0, description: 'MQTT messages received per second' }),
    readings_received: PerSecond,
    readings_stored: Type.Number({ minimum: 0, description: 'per second; those that came again are not' }),
  }),
  writes: nullable(
    Type.Object(
      {
        since: Type.String({
          format: 'date-time',
          description: 'midnight by the clock of the box, or the start',
        }),
        bytes: Type.Integer({ minimum: 0, description: 'written to disks by kaiser since then' }),
        per_day: nullable(
          Type.Integer({ minimum: 0, description: 'bytes, if it goes on so; null in the first ten minutes' }),
        ),
      },
      { description: 'null where the machine does not count it' },
    ),
  ),
}
const SystemFiguresBody = Type.Object(Figures)
export type SystemFigures = Static<typeof SystemFiguresBody>
