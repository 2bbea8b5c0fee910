/** `kaiser estop`: stops an actuator, a device, a zone or everything, shows who has stopped, and lets go in two steps. */

import type Type from 'typebox'
import type { Static } from 'typebox'
import type { ArmedBody, EmergencyBody, LatchedStop } from '../../realtime/emergency-body.js'
import { carryOut } from '../admin-command.js'
import type { Command, Io } from '../command.js'
import { jsonFlag, readFlags, wordFlag } from '../command-flags.js'
import { dataOption, type Option, type Parsed, UsageError, yes } from '../config.js'

const text = (value: string): string => {
  if (!/\S/.test(value)) throw new Error('it must not be empty')
  return value
}
const pin = (value: string): string => {
  if (!/^\d{1,3}$/.test(value) || Number(value) > 254) throw new Error('a GPIO is 0 to 254')
  return value
}
const given = (value: string, summary: string, parse = text) => wordFlag(value, summary, parse)

const options = {
  data: dataOption,
  device: given('ID', 'only this device'),
  zone: given('ID', 'only the devices in this zone'),
  gpio: given('N', 'with --device: only this actuator', pin),
  reason: given('TEXT', 'why; people will ask'),
  release: {
    default: false,
    summary: 'let go of a stop: prints a token, and with --token releases',
    parse: yes,
  } as Option<boolean>,
  token: given('TOKEN', 'with --release: the one it printed, within a minute'),
  list: {
    default: false,
    summary: 'show which stops hold, and who has stopped',
    parse: yes,
  } as Option<boolean>,
  json: jsonFlag,
}

type Flags = Parsed<typeof options>
type Running = { readonly server_running: boolean; readonly stored?: false }
type Emergency = Static<Type.TObject<typeof EmergencyBody>> & Running
type Armed = Static<Type.TObject<typeof ArmedBody>> & Running
type Latched = Static<typeof LatchedStop>

/** Throws UsageError when the flags contradict one another. */
function check({ device, zone, gpio, reason, release, token, list }: Flags): void {
  if (list) {
    const others = { device, zone, gpio, reason, release: release || undefined, token }
    for (const [name, value] of Object.entries(others))
      if (value !== undefined) throw new UsageError(`estop --list takes no --${name}`)
    return
  }
  if (device !== undefined && zone !== undefined)
    throw new UsageError('estop takes --device or --zone, not both; without them it is for everything')
  if (gpio !== undefined && device === undefined) throw new UsageError('estop --gpio needs --device ID')
  if (token !== undefined && !release) throw new UsageError('estop --token needs --release')
  if (reason === undefined) throw new UsageError('estop needs --reason TEXT')
}

const WORDS = {
  waiting: 'not reached yet',
  sent: 'told',
  confirmed: 'confirmed',
  not_confirmed: 'NOT CONFIRMED',
} as const

const wordOf = (state: keyof typeof WORDS, actuators: number): string =>
  actuators === 0 && (state === 'waiting' || state === 'sent')
    ? `${WORDS[state]}, nothing to stop`
    : WORDS[state]

const scopeOf = ({ scope, esp_id, zone_id, gpio }: Latched): string => {
  if (scope === 'all') return 'everything'
  if (scope === 'zone') return `zone ${zone_id}`
  return scope === 'device' ? `device ${esp_id}` : `GPIO ${gpio} of ${esp_id}`
}

const stopLines = (stop: Latched): string =>
  [
    `${scopeOf(stop)}, since ${stop.stopped_at}, ${stop.issued_by}: ${stop.reason}`,
    ...stop.devices.map(({ esp_id, state, actuators, confirmed_at, sent_at }) => {
      const at = confirmed_at ?? sent_at
      return `  ${esp_id}  ${wordOf(state, actuators)}${at ? ` ${at}` : ''}`
    }),
  ]
    .map((line) => `${line}\n`)
    .join('')

function show(io: Io, operation: string, result: Running & { message: string }): void {
  io.out(`${result.message}\n`)
  if (operation === 'list') for (const stop of (result as Emergency).stops) io.out(stopLines(stop))
  if (operation === 'arm') {
    const { stop, token, expires_at } = result as Armed
    io.out(`${stopLines(stop)}token: ${token}\nexpires_at: ${expires_at}\n`)
  }
  if (result.stored === false) io.err('Storage fails: it holds, and is written when storage is back\n')
  if (!result.server_running && operation !== 'list')
    io.err('kaiser does not run: devices hear of it when it starts and they come in\n')
}

export const estop: Command = {
  name: 'estop',
  summary: 'emergency stop: of everything, a zone, a device or an actuator; and its release',
  usage: '--reason TEXT | --release --reason TEXT [--token TOKEN] | --list',
  options,
  async run(argv, io) {
    const config = readFlags('estop', options, argv)
    check(config)
    const { device, zone, gpio, reason, release, token, list } = config
    const operation = list ? 'list' : release ? (token === undefined ? 'arm' : 'release') : 'stop'
    const result = await carryOut(config.data, `estop.${operation}`, {
      esp_id: device ?? null,
      zone_id: zone ?? null,
      gpio: gpio ?? null,
      reason: reason ?? null,
      token: token ?? null,
    })
    if (config.json) io.out(`${JSON.stringify(result)}\n`)
    else show(io, operation, result as Running & { message: string })
    return 0
  },
}
