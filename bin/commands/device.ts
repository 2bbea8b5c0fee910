/** `kaiser device`: add, list, approve, reject and remove devices, give them passwords, pair new ones. */
import { carryOut, shown } from '../admin-command.js'
import type { Command } from '../command.js'
import { jsonFlag, wordFlag } from '../command-flags.js'
import { dataOption, type Option, readConfig, UsageError } from '../config.js'

const text = (value: string): string => value

const options = {
  data: dataOption,
  name: wordFlag('TEXT', 'with add: a name for people'),
  reason: wordFlag('TEXT', 'with reject: why'),
  minutes: {
    value: 'N',
    default: '10',
    summary: 'with pair: how long the window is open',
    parse: text,
  } as Option<string>,
  count: {
    value: 'N',
    default: '1',
    summary: 'with pair: how many devices may come in',
    parse: text,
  } as Option<string>,
  json: jsonFlag,
}

const VERBS = ['add', 'list', 'approve', 'reject', 'remove', 'passwd', 'pair']
/** Verbs that are about all devices, or about one that has no name yet. */
const NAMELESS = ['list', 'pair']
const TOLD_ONCE = 'The password is shown once; the device logs in with it.\n'
const HINTS: Readonly<Record<string, string>> = {
  add: TOLD_ONCE,
  approve: TOLD_ONCE,
  passwd: TOLD_ONCE,
  pair: 'A new device logs in with its id as user name and this code as password, and then waits for `kaiser device approve ID`.\n',
}

export const device: Command = {
  name: 'device',
  summary: 'add, list, approve, reject, remove or pair devices, or give one a new password',
  usage: `${VERBS.join('|')} [ID]`,
  options,
  async run(argv, io) {
    const { config, positionals } = readConfig(options, argv)
    const [verb, device_id, ...rest] = positionals
    if (!verb || !VERBS.includes(verb))
      throw new UsageError(`device ${verb ?? ''}: allowed: ${VERBS.join(', ')}`)
    if (!NAMELESS.includes(verb) && !device_id)
      throw new UsageError(`device ${verb} needs a device id, such as ESP_12AB34CD`)
    if (rest.length > 0) throw new UsageError(`device ${verb} takes one device id; "${rest[0]}" is too much`)
    if (verb === 'pair' && device_id)
      throw new UsageError(`device pair takes no device id; "${device_id}" is too much`)
    const result = await carryOut(config.data, `device.${verb}`, {
      device_id: device_id ?? null,
      name: config.name ?? null,
      reason: config.reason ?? null,
      minutes: config.minutes,
      count: config.count,
    })
    io.out(config.json ? `${JSON.stringify(result)}\n` : shown(result))
    if (!config.json) io.err(HINTS[verb] ?? '')
    return 0
  },
}
