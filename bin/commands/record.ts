/** `kaiser record`: writes what is said on chosen topics into a file, with its timing, until it is told to stop. */
import { existsSync } from 'node:fs'
import type { Recorder } from '../../sim/recording/recorder.js'
import type { Command } from '../command.js'
import { dataOption, readConfig, UsageError } from '../config.js'
import { askServer, mqttTo } from '../control.js'
import { socketIn } from '../data-directory.js'
import { brokerOptions, createComplaints, elsewhere, forOption, toggle, topicOption } from '../flags.js'
import { number, openProgress, plural } from '../progress.js'
import { untilStopped } from '../until-stopped.js'

const options = {
  data: dataOption,
  topic: topicOption,
  for: forOption,
  ...brokerOptions,
  force: toggle('write over a file that exists'),
}

/** What devices say and hear. */
const ALL = ['kaiser/+/esp/#', 'kaiser/broadcast/#']

/** A connection to the server that runs on this directory. Throws when none does. */
async function running(data: string): Promise<() => ReturnType<typeof mqttTo>> {
  const socket = socketIn(data)
  if ((await askServer(socket, 'user.list', {})) === undefined)
    throw new Error(`no kaiser runs on --data ${data}; another broker is named with --broker URL`)
  return () => mqttTo(socket, undefined)
}

export const record: Command = {
  name: 'record',
  summary: 'write what is said on topics into a file, with its timing',
  usage: 'FILE',
  options,
  async run(argv, io) {
    const { config, positionals } = readConfig(options, argv)
    const [file, ...rest] = positionals
    if (file === undefined || rest.length > 0) throw new UsageError('record takes one FILE')
    if (existsSync(file) && !config.force) throw new Error(`${file} exists; --force writes over it`)
    const broker = await elsewhere(config, io.stdin)
    const connect = broker?.connect ?? (await running(config.data))
    const { createClock } = await import('../../sim/clock.js')
    const { record } = await import('../../sim/recording/recorder.js')

    const topics = config.topic.length > 0 ? config.topic : ALL
    const where = broker?.url.text ?? `the kaiser on ${config.data}`
    let recorder: Recorder | undefined
    const progress = openProgress(io, () =>
      recorder
        ? `${number(recorder.writer.messages)} messages  ${number(recorder.writer.bytes / 1024)} KiB${recorder.up ? '' : '  not connected'}`
        : `waiting for ${where}`,
    )
    const complain = createComplaints(progress.note)
    const failed = new Promise<Error>((resolve) => {
      void record({
        client_id: `kaiser-record-${process.pid}`,
        ...{ connect, login: broker?.login, random: Math.random, file, topics, force: config.force },
        clock: createClock(Date.now),
        monotonic: () => performance.now(),
        failed: resolve,
        trouble: (text) => complain(`${where}: ${text}; tried again after 1 s to 30 s`),
      }).then((opened) => {
        recorder = opened
        progress.note(`recording ${topics.join(', ')} of ${where}`)
      }, resolve)
    })
    const error = await Promise.race([failed, untilStopped(config.for)])
    progress.close()
    if (error instanceof Error) throw error
    if (!recorder) throw new Error(`${where} did not answer; nothing was recorded`)
    const { writer, gaps } = recorder
    await recorder.close()
    io.out(`${plural(writer.messages, 'message')}, ${number(writer.bytes / 1024)} KiB in ${file}\n`)
    if (gaps > 0)
      io.out(`the connection was gone ${plural(gaps, 'time')}; what was said meanwhile is missing\n`)
    return 0
  },
}
