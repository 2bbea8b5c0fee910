/**
 * `kaiser tail`: the events of a running server, as they happen, one line each. It ends when the server is stopped;
 * one that dies is looked for again until it is back or the reader has had enough.
 */
import { setTimeout } from 'node:timers/promises'
import type { Command } from '../command.js'
import { readFlags, wordFlag } from '../command-flags.js'
import { dataOption, type Option, yes } from '../config.js'
import { followServer } from '../control.js'
import { socketIn } from '../data-directory.js'
import { eventLine } from '../event-line.js'

const words = (text: string): string => {
  if (!/^[a-z_]+(,[a-z_]+)*$/.test(text)) throw new Error('event types, such as sensor_data,esp_health')
  return text
}

const options = {
  data: dataOption,
  type: wordFlag('TYPES', 'only these event types, with commas between', words),
  device: wordFlag('ID', 'only events of this device'),
  json: { default: false, summary: 'print JSON lines', parse: yes } as Option<boolean>,
}

interface Said {
  type?: string
  timestamp?: number
  data?: Record<string, unknown>
  skipped?: number
}

/** Between two times it is looked for, ms: first, and at most. */
const FIRST = 1_000
const MOST = 30_000
/** With jitter, so that many who follow do not come back at once. */
const backoff = (attempts: number): number =>
  Math.min(FIRST * 2 ** attempts, MOST) * (0.75 + Math.random() / 4)

const GONE = `kaiser is gone without a word; looked for again, after ${FIRST / 1000} s to ${MOST / 1000} s, until you interrupt\n`

export const tail: Command = {
  name: 'tail',
  summary: 'follow the events of a running server',
  usage: '',
  options,
  async run(argv, io) {
    const config = readFlags('tail', options, argv)
    const socket = socketIn(config.data)
    /** How often it was looked for in vain; undefined while it is there. */
    let attempts: number | undefined
    const joined = (): void => {
      if (attempts !== undefined) io.err('kaiser is back; what happened meanwhile is not shown\n')
      attempts = undefined
    }
    const take = (line: string): void => {
      const said = JSON.parse(line) as Said
      if (config.device && said.data && said.data.esp_id !== config.device) return
      io.out(config.json ? `${line}\n` : eventLine(said))
    }
    for (;;) {
      const ended = await followServer(socket, config.type ?? null, { joined, take })
      if (ended === 'stopped') {
        io.err('kaiser stopped\n')
        return 0
      }
      if (ended === 'gone') {
        io.err(GONE)
        attempts = 0
      } else if (attempts === undefined) throw new Error(`no kaiser runs on --data ${config.data}`)
      await setTimeout(backoff(attempts++))
    }
  },
}
