/**
 * `kaiser replay`: plays a recording to a running kaiser, to another broker, or into a sandbox that is thrown away.
 * Devices come as themselves; what servers said is left out, so that nothing is switched.
 */
import type { Duplex } from 'node:stream'
import type { Overview } from '../../sim/recording/overview.js'
import type { Played } from '../../sim/recording/player.js'
import type { Command, Io } from '../command.js'
import { dataOption, type Option, type Parsed, readConfig, UsageError } from '../config.js'
import { askServer, mqttTo } from '../control.js'
import { socketIn } from '../data-directory.js'
import { brokerOptions, createComplaints, elsewhere, speedOption, toggle, topicOption } from '../flags.js'
import { clockText, number, openProgress, plural, sandboxRows } from '../progress.js'
import type { Sandbox } from '../sandbox.js'
import { untilStopped } from '../until-stopped.js'

const options = {
  data: dataOption,
  speed: { ...speedOption, default: 1 } as Option<number>,
  sandbox: toggle('to a kaiser of its own in this process, on no port, that is thrown away'),
  keep: toggle('with --sandbox: keep its database, and say where it is'),
  topic: { ...topicOption, shown: 'all' },
  'kaiser-id': {
    value: 'ID',
    default: undefined,
    summary: 'the {kaiser_id} level of topics of devices (as recorded without it)',
    parse(text: string) {
      if (!/^[A-Za-z0-9_-]{1,50}$/.test(text)) throw new Error('1 to 50 letters, digits, _ and -')
      return text
    },
  } as Option<string | undefined>,
  'shift-time': toggle('times in payloads become those at which they are played'),
  ...brokerOptions,
}

type Flags = Parsed<typeof options>

interface Target {
  readonly where: string
  readonly connect: (esp_id: string | undefined) => Duplex
  readonly login?: { username: string; password: string } | undefined
  readonly sandbox?: Sandbox
}

/** A sandbox has one; what was recorded under several is all its own. */
const idOf = (config: Flags, { kaiser_id = 'god' }: Overview): string | undefined =>
  config['kaiser-id'] ?? (config.sandbox ? kaiser_id : undefined)

async function targetOf(config: Flags, overview: Overview, now: () => number, io: Io): Promise<Target> {
  const broker = await elsewhere(config, io.stdin)
  if (broker) return { where: broker.url.text, connect: broker.connect, login: broker.login }
  if (config.sandbox) {
    const { openSandbox } = await import('../sandbox.js')
    const { devices } = overview
    const kaiser_id = idOf(config, overview)!
    const sandbox = await openSandbox({ kaiser_id, devices, keep: config.keep, now })
    return { where: 'the sandbox', connect: sandbox.connect, sandbox }
  }
  const socket = socketIn(config.data)
  if ((await askServer(socket, 'user.list', {})) === undefined)
    throw new Error(`no kaiser runs on --data ${config.data}; there are --sandbox and --broker URL as well`)
  return { where: `the kaiser on ${config.data}`, connect: (esp_id) => mqttTo(socket, esp_id) }
}

function summary(overview: Overview, figures: Played, target: Target, config: Flags): string {
  const { messages, left_out, devices, damage, lasts } = overview
  const rows: [name: string, text: string][] = [
    [
      'played',
      `${number(figures.played)} of ${number(messages)} messages, ${plural(devices.length, 'device')}`,
    ],
    ['reached', `${clockText(figures.at)} of ${clockText(lasts)}, at most ${number(figures.late)} ms late`],
  ]
  if (left_out > 0) rows.push(['left out', `${number(left_out)} that servers say, or that devices obey`])
  if (figures.unacknowledged > 0) rows.push(['no answer', `to ${number(figures.unacknowledged)}`])
  if (damage) rows.push(['not whole', `${damage}; what is whole was played`])
  if (target.sandbox) rows.push(...sandboxRows(target.sandbox, config.keep))
  return rows.map(([name = '', text]) => `${name.padEnd(13)}${text}\n`).join('')
}

async function run(file: string, config: Flags, io: Io): Promise<number> {
  const { createClock } = await import('../../sim/clock.js')
  const { lookThrough } = await import('../../sim/recording/overview.js')
  const { play } = await import('../../sim/recording/player.js')
  const overview = await lookThrough(file, config.topic)
  let reached = 0
  // A sandbox lives when the recording was made, unless the recording is moved to now.
  const now = (): number => (config['shift-time'] ? Date.now() : overview.started_at + Math.round(reached))
  const target = await targetOf(config, overview, now, io)
  const complain = createComplaints((text) => progress.note(text))
  const player = play({
    ...{ file, overview, filters: config.topic, speed: config.speed, shift: config['shift-time'] },
    ...{ connect: target.connect, login: target.login, random: Math.random },
    kaiser_id: idOf(config, overview),
    clock: createClock(Date.now),
    reached(t) {
      reached = t
    },
    trouble: (text) => complain(`${target.where}: ${text}; tried again after 1 s to 30 s`),
  })
  const { figures } = player
  const progress = openProgress(io, () => {
    const share = overview.messages === 0 ? 100 : Math.floor((100 * figures.played) / overview.messages)
    return `${share} %  ${number(figures.played)} played  ${clockText(figures.at)} of ${clockText(overview.lasts)}`
  })
  try {
    if ((await Promise.race([player.over, untilStopped()])) !== undefined) player.stop()
    await player.over
  } finally {
    progress.close()
    await target.sandbox?.close()
  }
  io.out(summary(overview, figures, target, config))
  return figures.unacknowledged > 0 || figures.played < overview.messages ? 1 : 0
}

export const replay: Command = {
  name: 'replay',
  summary: 'play a recording to this or another broker, or into a sandbox',
  usage: 'FILE [--speed N] [--sandbox]',
  options,
  async run(argv, io) {
    const { config, positionals } = readConfig(options, argv)
    const [file, ...rest] = positionals
    if (file === undefined || rest.length > 0) throw new UsageError('replay takes one FILE')
    if (config.sandbox && config.broker) throw new UsageError('replay takes --sandbox or --broker, not both')
    if (config.keep && !config.sandbox) throw new UsageError('--keep needs --sandbox')
    return run(file, config, io)
  },
}
