/** `kaiser user`: add and list the people who may log in, and give them a new password. */
import { carryOut, shown } from '../admin-command.js'
import type { Command } from '../command.js'
import { jsonFlag, wordFlag } from '../command-flags.js'
import { dataOption, type Option, readConfig, UsageError, yes } from '../config.js'

const text = (value: string): string => value

const options = {
  data: dataOption,
  role: {
    value: 'admin|operator|viewer',
    default: 'viewer',
    summary: 'with add: what the user may do',
    parse: text,
  } as Option<string>,
  email: wordFlag('ADDR', 'with add: e-mail address'),
  'password-stdin': {
    default: false,
    summary: 'with add and passwd: read the password from standard input',
    parse: yes,
  } as Option<boolean>,
  json: jsonFlag,
}

const VERBS = ['add', 'list', 'passwd']

export const user: Command = {
  name: 'user',
  summary: 'add or list users, or set a password',
  usage: `${VERBS.join('|')} [NAME]`,
  options,
  async run(argv, io) {
    const { config, positionals } = readConfig(options, argv)
    const [verb, username, ...rest] = positionals
    if (!verb || !VERBS.includes(verb))
      throw new UsageError(`user ${verb ?? ''}: allowed: ${VERBS.join(', ')}`)
    if (rest.length > 0) throw new UsageError(`user ${verb} takes one name; "${rest[0]}" is too much`)
    const asks = verb === 'add' || verb === 'passwd'
    if (asks && !username) throw new UsageError(`user ${verb} needs a name`)
    if (asks && !config['password-stdin'])
      throw new UsageError(
        `user ${verb} needs --password-stdin, so that no password stands in a shell history`,
      )
    const password = asks ? (await io.stdin()).replace(/\r?\n$/, '') : null
    const result = await carryOut(config.data, `user.${verb}`, {
      username: username ?? null,
      email: config.email ?? null,
      role: config.role,
      password,
    })
    io.out(config.json ? `${JSON.stringify(result)}\n` : shown(result))
    return 0
  },
}
