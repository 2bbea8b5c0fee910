/** `kaiser tls`: a local certificate authority, certificates for this server and its devices. Works on files only. */
import { ESP_ID } from '../../routing/contract/topics.js'
import type { Command } from '../command.js'
import { jsonFlag } from '../command-flags.js'
import { dataOption, type Option, readConfig, UsageError, yes } from '../config.js'
import {
  type Authority,
  type Client,
  createAuthority,
  createClient,
  filesOf,
  readAuthority,
  renewServer,
} from '../tls/authority.js'
import { isAddress, isHostName } from '../tls/names.js'

/** What Apple's devices accept at most of any server certificate, days. */
const SERVER_DAYS = 825
const MOST_DAYS = 3_650

function days(text: string): number {
  const n = Number(text)
  if (!/^\d{1,4}$/.test(text) || n < 1 || n > MOST_DAYS)
    throw new Error(`a number of days, 1 to ${MOST_DAYS}`)
  return n
}

function names(text: string): string[] {
  const words = text.split(',').filter((word) => word !== '')
  const wrong = words.find((word) => !isAddress(word) && !isHostName(word))
  if (wrong !== undefined) throw new Error(`"${wrong}" is no host name and no IP address`)
  return words
}

const options = {
  data: dataOption,
  name: {
    value: 'NAME',
    default: [],
    shown: 'this machine’s names and addresses',
    summary: 'with init and renew: another name or address of the server; may be repeated',
    parse: names,
    many: true,
  } as Option<string[]>,
  days: {
    value: 'N',
    default: undefined,
    summary: `how long the certificate is good (default ${SERVER_DAYS}; of a client ${MOST_DAYS})`,
    parse: days,
  } as Option<number | undefined>,
  force: { default: false, summary: 'replace what is there', parse: yes } as Option<boolean>,
  json: jsonFlag,
}

const VERBS = ['init', 'show', 'renew', 'client']

/** As a shell takes it. */
const word = (text: string): string =>
  /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`

const startFlags = (data: string): string => {
  const { server, server_key } = filesOf(data)
  return `--data ${word(data)} --mqtts-port 8883 --tls-cert ${word(server)} --tls-key ${word(server_key)}`
}

const table = (rows: readonly [string, string][]): string =>
  rows.map(([name, value]) => `${name.padEnd(12)}${value}\n`).join('')

const aboutAuthority = ({ ca, server, header }: Authority, data: string): string =>
  `${table([
    ['authority', `${ca.file}, until ${ca.expires_at.slice(0, 10)}`],
    ['', `SHA-256 ${ca.fingerprint}`],
    ['for ESP32', header],
    ['server', `${server.file}, until ${server.expires_at.slice(0, 10)}`],
    ['', `SHA-256 ${server.fingerprint}`],
    ['for', server.names.join(' ')],
  ])}
Start with: kaiser start ${startFlags(data)}
A running server that was started so takes a new certificate by itself. Browsers and devices trust it once they
have ${ca.file}.
`

const aboutClient = ({ certificate, key, header, client_ca }: Client): string =>
  `${table([
    ['certificate', `${certificate.file}, until ${certificate.expires_at.slice(0, 10)}`],
    ['', `SHA-256 ${certificate.fingerprint}`],
    ['key', key],
    ['for ESP32', `${header} (secret)`],
  ])}
The server asks for it when it is started with --tls-client-ca ${word(client_ca)}
`

export const tls: Command = {
  name: 'tls',
  summary: 'make certificates for this server and its devices',
  usage: 'init|show|renew|client [ID]',
  options,
  async run(argv, io) {
    const { config, positionals } = readConfig(options, argv)
    const [verb, device_id, ...rest] = positionals
    if (!verb || !VERBS.includes(verb))
      throw new UsageError(`tls ${verb ?? ''}: allowed: ${VERBS.join(', ')}`)
    const { data, force } = config
    const now = Date.now()
    if (verb === 'client') {
      if (!device_id || !ESP_ID.test(device_id))
        throw new UsageError('tls client needs a device id, such as ESP_12AB34CD')
      if (rest.length > 0) throw new UsageError(`tls client takes one device id; "${rest[0]}" is too much`)
      const client = await createClient(data, device_id, { days: config.days ?? MOST_DAYS, now, force })
      io.out(config.json ? `${JSON.stringify(client)}\n` : aboutClient(client))
      return 0
    }
    if (device_id !== undefined)
      throw new UsageError(`tls ${verb} takes flags only; "${device_id}" is too much`)
    const wanted = { names: config.name, days: config.days ?? SERVER_DAYS, now, force }
    const authority =
      verb === 'init'
        ? await createAuthority(data, wanted)
        : verb === 'renew'
          ? await renewServer(data, wanted)
          : readAuthority(data)
    io.out(
      config.json
        ? `${JSON.stringify({ ...authority, flags: startFlags(data) })}\n`
        : aboutAuthority(authority, data),
    )
    return 0
  },
}
