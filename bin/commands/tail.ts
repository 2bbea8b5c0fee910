/** `kaiser tail`: the events of a running server, as they happen, one line each. */
import type { Command } from '../command.js'
import { dataOption, type Option, readConfig, UsageError, yes } from '../config.js'
import { followServer } from '../control.js'
import { openDataDirectory } from '../data-directory.js'
import { eventLine } from '../event-line.js'

const words = (text: string): string => {
  if (!/^[a-z_]+(,[a-z_]+)*$/.test(text)) throw new Error('event types, such as sensor_data,esp_health')
  return text
}

const options = {
  data: dataOption,
  type: {
    value: 'TYPES',
    default: undefined,
    summary: 'only these event types, with commas between',
    parse: words,
  } as Option<string | undefined>,
  device: {
    value: 'ID',
    default: undefined,
    summary: 'only events of this device',
    parse: (text: string) => text,
  } as Option<string | undefined>,
  json: { default: false, summary: 'print JSON lines', parse: yes } as Option<boolean>,
}

interface Said {
  type?: string
  timestamp?: number
  data?: Record<string, unknown>
  skipped?: number
}

export const tail: Command = {
  name: 'tail',
  summary: 'follow the events of a running server',
  usage: '',
  options,
  async run(argv, io) {
    const { config, positionals } = readConfig(options, argv)
    if (positionals.length > 0) throw new UsageError(`tail takes flags only; "${positionals[0]}" is too much`)
    const { socket } = openDataDirectory(config.data)
    const ran = await followServer(socket, config.type ?? null, (line) => {
      const said = JSON.parse(line) as Said
      if (config.device && said.data && said.data.esp_id !== config.device) return
      io.out(config.json ? `${line}\n` : eventLine(said))
    })
    if (!ran) throw new Error(`no kaiser runs on --data ${config.data}`)
    io.err('kaiser stopped\n')
    return 0
  },
}
