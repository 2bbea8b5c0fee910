/**
 * `kaiser sim`: many mock devices of one kind on a broker, as load: this kaiser or any other broker. They behave as
 * ESP32s do; what they said, what was acknowledged and how fast is shown while it runs and when it ends. With --sandbox
 * a kaiser of its own lives through hours of theirs, faster.
 */
import type { CrowdFigures } from '../../sim/load/crowd.js'
import type { Command, Io } from '../command.js'
import { type Option, type Parsed, readConfig, UsageError } from '../config.js'
import { faultsOption, scriptIn } from '../fault-script.js'
import { brokerOptions, createComplaints, elsewhere, forOption, time, toggle, whole } from '../flags.js'
import { loadLine, summarise, summaryText } from '../load-report.js'
import { outsideText, troubleText } from '../load-trouble.js'
import { openProgress, plural } from '../progress.js'
import { registerDevices } from '../register-devices.js'
import { parseRestUrl, withoutCredentials } from '../rest-client.js'
import { checkSandbox, runInSandbox, sandboxOptions } from '../sim-sandbox.js'
import { untilStopped } from '../until-stopped.js'

const id = (text: string): string => {
  if (!/^[A-Za-z0-9_-]{1,40}$/.test(text)) throw new Error('1 to 40 letters, digits, _ and -')
  return text
}

const payload = (text: string): 'mock' | 'native' => {
  if (text !== 'mock' && text !== 'native') throw new Error('allowed: mock, native')
  return text
}

const options = {
  ...brokerOptions,
  ...sandboxOptions,
  register: {
    value: 'URL',
    default: undefined,
    summary: 'first register each over REST there, as --username; then each logs in as itself',
    parse: parseRestUrl,
    show: withoutCredentials,
  } as Option<string | undefined>,
  devices: { value: 'N', default: 10, summary: 'how many', parse: whole(1, 100_000) } as Option<number>,
  profile: {
    value: 'NAME',
    default: 'tomato',
    summary: 'what they are; a wrong one is told the names',
    parse: (text: string) => text,
  } as Option<string>,
  interval: {
    value: 'TIME',
    default: undefined,
    summary: 'how often each sensor is measured, 1s to 1h (each as its type without it)',
    parse: time(1_000, 3_600_000, 'from 1s to 1h'),
  } as Option<number | undefined>,
  for: forOption,
  ramp: {
    value: 'N',
    default: 100,
    summary: 'how many come in per second',
    parse: whole(1, 10_000),
  } as Option<number>,
  qos: {
    value: '0|1',
    default: 1,
    summary: 'QoS of what they say; 0 is never acknowledged',
    parse(text: string) {
      if (text !== '0' && text !== '1') throw new Error('allowed: 0, 1')
      return text === '0' ? 0 : 1
    },
  } as Option<0 | 1>,
  payload: {
    value: 'mock|native',
    default: 'mock',
    summary: 'values in their unit, or native numbers as an ESP32 says them',
    parse: payload,
  } as Option<'mock' | 'native'>,
  faults: faultsOption,
  seed: {
    value: 'N',
    default: 1,
    summary: 'the same seed, the same values',
    parse: whole(0, 2 ** 31 - 1),
  } as Option<number>,
  prefix: {
    value: 'TEXT',
    default: 'SIM_',
    summary: 'what their ids begin with',
    parse: id,
  } as Option<string>,
  'kaiser-id': {
    value: 'ID',
    default: 'god',
    summary: 'the {kaiser_id} level of their topics',
    parse: id,
    also: 'KAISER_ID',
  } as Option<string>,
  json: toggle('print the summary as JSON'),
}

type Flags = Parsed<typeof options>

async function run(config: Flags, io: Io): Promise<number> {
  checkSandbox(config)
  const { createCrowd } = await import('../../sim/load/crowd.js')
  const { createClock } = await import('../../sim/clock.js')
  const { devicesOf, findProfile, profiles } = await import('../../sim/profiles/index.js')
  const profile = findProfile(config.profile)
  if (!profile)
    throw new UsageError(
      `--profile is "${config.profile}"; allowed: ${profiles.map(({ name, summary }) => `${name} (${summary})`).join('; ')}`,
    )
  const script = await scriptIn(config.faults)
  const crowdOf = {
    ...{
      profile,
      script,
      devices: config.devices,
      prefix: config.prefix,
      seed: config.seed,
      qos: config.qos,
    },
    ...{ payload: config.payload, kaiser_id: config['kaiser-id'], ramp: config.ramp },
    interval_seconds: config.interval === undefined ? undefined : config.interval / 1_000,
  }
  const { register } = config
  if (register !== undefined && !config.broker) throw new UsageError('--register needs --broker URL')
  if (config.sandbox) return runInSandbox(config, crowdOf, io)

  const broker = await elsewhere(config, io.stdin, register)
  if (!broker) throw new UsageError('sim needs --broker URL, such as mqtt://localhost:1883, or --sandbox')
  const { url, login, trusted } = broker
  if (register !== undefined && !login)
    throw new UsageError('--register needs --username NAME of an operator')
  const own =
    register !== undefined &&
    (await registerDevices(
      { origin: register, ca: trusted, login: login! },
      devicesOf(profile, config.devices, crowdOf),
    ))
  if (own) io.err(`${plural(own.size, 'device')} registered at ${register}\n`)

  const monotonic = (): number => performance.now()
  const complain = createComplaints((text) => progress.note(text))
  const crowd = createCrowd({
    ...{ ...crowdOf, loginOf: (esp_id: string) => (own ? own.get(esp_id) : login), monotonic },
    connect: broker.connect,
    clock: createClock(Date.now),
    trouble(esp_id, what, detail) {
      complain(
        troubleText(url.text, esp_id, what, detail),
        what === 'subscription_refused' ? what : `${what} ${detail}`,
      )
    },
  })
  const tellOutside = ({ answer }: CrowdFigures): void => {
    if (answer) complain(outsideText(url.text, answer), 'outside')
  }
  const began = monotonic()
  let before: CrowdFigures = crowd.figures()
  let shownAt = began
  const progress = openProgress(io, () => {
    const [now, figures] = [monotonic(), crowd.figures()]
    tellOutside(figures)
    const line = loadLine(config.devices, (now - began) / 1_000, figures, before, (now - shownAt) / 1_000)
    before = figures
    shownAt = now
    return line
  })
  crowd.start()
  await untilStopped(config.for)
  const figures = crowd.figures()
  tellOutside(figures)
  const seconds = (monotonic() - began) / 1_000
  await crowd.stop()
  progress.close()
  const { devices } = config
  const summary = summarise({ broker: url.text, profile: profile.name, devices }, seconds, figures)
  io.out(config.json ? `${JSON.stringify(summary)}\n` : summaryText(summary))
  return figures.published > 0 && figures.outside < figures.started ? 0 : 1
}

export const sim: Command = {
  name: 'sim',
  summary: 'mock devices as load for any broker, or in a sandbox that lives faster',
  usage: '--broker URL | --sandbox [--hours N] [--devices N] [--interval TIME] [--profile NAME]',
  options,
  async run(argv, io) {
    const { config, positionals } = readConfig(options, argv)
    if (positionals.length > 0) throw new UsageError(`sim takes flags only; "${positionals[0]}" is too much`)
    return run(config, io)
  },
}
