/** The messages as a list: the last ones live, and older ones as far as somebody looks back. */
import { shallowReactive } from 'vue'
import { sentenceOf } from '../../api.js'
import { GATHERED, type Gap, KEPT, nextId, overflow } from '../../live/event-list.js'
import { hearMessages, type MessageSource } from '../../live/message-source.js'
import { createRows, type Rows } from '../../live/rows.js'
import { t } from '../../words/index.js'
import { lineOf, type RawLine } from './lines.js'

/** With how many of the log it begins. */
const FIRST = 100
/** Lines that fit, and answers of the server, for one look further back. */
const ENOUGH = 50
const ANSWERS = 20

export interface Messages {
  readonly list: Rows<RawLine>['list']
  readonly state: MessageSource['state']
  /** Looking further back. */
  readonly looking: { busy: boolean; error: string }
  pauseOrResume(): void
  /** Looks further back until enough more lines fit, or there is nothing left. */
  older(fits: (line: RawLine) => boolean): Promise<void>
  close(): void
}

/** Starts to hear them. */
export function openMessages(): Messages {
  const rows = createRows<RawLine>({ most: KEPT, gathered: GATHERED, overflow })
  const looking = shallowReactive({ busy: false, error: '' })
  let fitting: ((line: RawLine) => boolean) | undefined
  let found = 0
  const gap = (at: number): Gap => ({
    ...{ id: nextId(), kind: 'gap', at },
    sentence: () => t('mqtt_log.rolled'),
  })
  const source = hearMessages(
    {
      live: (message) => rows.add(lineOf(message)),
      found(messages) {
        const lines = messages.map(lineOf)
        if (fitting) {
          rows.keepMore(lines.length)
          found += lines.filter(fitting).length
        }
        rows.fill(lines)
      },
      settled: (message) => rows.change(lineOf(message)),
      gap: (at) => rows.fill([gap(at)]),
    },
    FIRST,
  )

  return {
    list: rows.list,
    state: source.state,
    looking,
    pauseOrResume: rows.pauseOrResume,
    async older(fits) {
      if (looking.busy) return
      Object.assign(looking, { busy: true, error: '' })
      fitting = fits
      found = 0
      try {
        for (let n = 0; n < ANSWERS && found < ENOUGH && !source.state.isEnd; n++) await source.older()
      } catch (error) {
        looking.error = sentenceOf(error)
      } finally {
        looking.busy = false
        fitting = undefined
      }
    },
    close: source.close,
  }
}
