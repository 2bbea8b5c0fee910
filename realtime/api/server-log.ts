/**
 * `/debug/logs`: the latest lines of the log. kaiser writes them to its standard output and to no file; what it keeps
 * of them in memory is listed as the one file there is. Wire format: rest-contract §14.
 */
import Type from 'typebox'
import { instant } from '../instant.js'
import { LEVELS, LogBody, logBody } from '../log-body.js'
import type { LogLines } from '../log-lines.js'
import { Problem } from '../problem.js'
import { type Resource, route } from '../route.js'
import { Time } from '../shapes.js'
import { iso } from '../web.js'

const FILE = 'kaiser.log'
const PLACE = 'memory'
const Count = Type.Integer({ minimum: 0 })
const Word = Type.Optional(Type.String({ maxLength: 200 }))
const Instant = Type.Optional(
  Type.String({ maxLength: 40, description: 'ISO 8601; UTC where no zone is said' }),
)

export interface ServerLogOptions {
  logLines: Pick<LogLines, 'list' | 'size'>
  now: () => number
}

/** Does one of these texts have the word, in any case? */
const says = (word: string | undefined, ...texts: readonly (string | null)[]): boolean =>
  word === undefined || texts.some((text) => text?.toLowerCase().includes(word.toLowerCase()))

export const serverLog = ({ logLines, now }: ServerLogOptions): Resource => ({
  prefix: '/debug/logs',
  tag: 'Health',
  routes: [
    route({
      method: 'GET',
      path: '/files',
      role: 'admin',
      summary: 'Where the lines of the log are',
      answer: Type.Object({
        success: Type.Literal(true),
        files: Type.Array(
          Type.Object({
            name: Type.String(),
            path: Type.String(),
            size_bytes: Type.Integer({ minimum: 0, description: 'about' }),
            size_human: Type.String(),
            modified: Time,
            is_current: Type.Boolean(),
          }),
        ),
        log_directory: Type.String(),
      }),
      handle() {
        const last = logLines.list().at(-1)
        const { size } = logLines
        const file = {
          name: FILE,
          path: PLACE,
          size_bytes: size,
          size_human: `${(size / 1024).toFixed(1)} KB`,
          modified: last === undefined ? iso(now())! : logBody(last).timestamp,
          is_current: true,
        }
        return { success: true as const, files: [file], log_directory: PLACE }
      },
    }),

    route({
      method: 'GET',
      path: '',
      role: 'admin',
      summary: 'The latest lines of the log, newest first',
      description: 'Filters apply together. Of a start before this one nothing is kept.',
      query: Type.Object({
        level: Type.Optional(Type.Enum([...LEVELS], { description: 'at least' })),
        module: Word,
        search: Word,
        start_time: Instant,
        end_time: Instant,
        file: Type.Optional(Type.String({ maxLength: 255, description: 'a name of /debug/logs/files' })),
        page: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'default 1' })),
        page_size: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, description: 'default 100' })),
      }),
      answer: Type.Object({
        success: Type.Literal(true),
        logs: Type.Array(LogBody),
        total_count: Count,
        page: Type.Integer(),
        page_size: Type.Integer(),
        has_more: Type.Boolean(),
      }),
      errors: ['not_found'],
      handle({ query }) {
        const { level = 'DEBUG', module, search, file = FILE, page = 1, page_size = 100 } = query
        if (file !== FILE) throw new Problem('not_found', `There is no log file ${file}`)
        const from = instant('start_time', query.start_time) ?? 0
        const until = instant('end_time', query.end_time) ?? Number.POSITIVE_INFINITY
        const least = LEVELS.indexOf(level)
        const found = logLines
          .list()
          .filter((line) => says(search, line))
          .map(logBody)
          .filter((line) => LEVELS.indexOf(line.level) >= least && says(module, line.logger, line.module))
          .filter(({ timestamp }) => Date.parse(timestamp) >= from && Date.parse(timestamp) <= until)
          .reverse()
        const logs = found.slice((page - 1) * page_size, page * page_size)
        return {
          success: true as const,
          logs,
          total_count: found.length,
          page,
          page_size,
          has_more: page * page_size < found.length,
        }
      },
    }),
  ],
})
