/** `kaiser device`: add, list, approve, reject and remove devices. */
import { carryOut, shown } from '../admin-command.js'
import type { Command } from '../command.js'
import { dataOption, type Option, readConfig, UsageError, yes } from '../config.js'

const text = (value: string): string => value

const options = {
  data: dataOption,
  name: { value: 'TEXT', default: undefined, summary: 'with add: a name for people', parse: text } as Option<
    string | undefined
  >,
  reason: { value: 'TEXT', default: undefined, summary: 'with reject: why', parse: text } as Option<
    string | undefined
  >,
  json: { default: false, summary: 'print JSON', parse: yes } as Option<boolean>,
}

const VERBS = ['add', 'list', 'approve', 'reject', 'remove']
const TOLD_ONCE = 'The password is shown once; the device logs in with it.\n'

export const device: Command = {
  name: 'device',
  summary: 'add, list, approve, reject or remove devices',
  usage: `${VERBS.join('|')} [ID]`,
  options,
  async run(argv, io) {
    const { config, positionals } = readConfig(options, argv)
    const [verb, device_id, ...rest] = positionals
    if (!verb || !VERBS.includes(verb))
      throw new UsageError(`device ${verb ?? ''}: allowed: ${VERBS.join(', ')}`)
    if (verb !== 'list' && !device_id)
      throw new UsageError(`device ${verb} needs a device id, such as ESP_12AB34CD`)
    if (rest.length > 0) throw new UsageError(`device ${verb} takes one device id; "${rest[0]}" is too much`)
    const result = await carryOut(config.data, `device.${verb}`, {
      device_id: device_id ?? null,
      name: config.name ?? null,
      reason: config.reason ?? null,
    })
    io.out(config.json ? `${JSON.stringify(result)}\n` : shown(result))
    if (!config.json && (verb === 'add' || verb === 'approve')) io.err(TOLD_ONCE)
    return 0
  },
}
