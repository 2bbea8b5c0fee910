import { execFileSync, spawnSync } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import t from 'tap'
import {
  createAuthority,
  createClient,
  filesOf,
  readAuthority,
  renewServer,
} from '../../bin/tls/authority.js'
import { canonical, isHostName } from '../../bin/tls/names.js'
import { directory } from '../support/app.js'
import { kaiser } from '../support/kaiser.js'

const DAY = 86_400_000
const certificate = (file: string): X509Certificate => new X509Certificate(readFileSync(file))
const mode = (file: string): number => statSync(file).mode & 0o777
const days = ({ validFrom, validTo }: X509Certificate): number =>
  (Date.parse(validTo) - Date.parse(validFrom)) / DAY

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
/** What OpenSSL says of a certificate, by its strict rules. */
const verified = (ca: string, file: string, purpose: string): string =>
  execFileSync('openssl', ['verify', '-x509_strict', '-purpose', purpose, '-CAfile', ca, file]).toString()

t.test('tls init makes an authority and a server certificate, private keys private', async (t) => {
  const data = `${directory(t)}/data`
  const { code, out, err } = await kaiser(['tls', 'init', '--data', data, '--name', 'kaiser.example.org'])
  t.match({ code, err }, { code: 0, err: '' })
  const files = filesOf(data)
  t.strictSame(readdirSync(`${data}/tls`).sort(), [
    'ca-key.pem',
    'ca.h',
    'ca.pem',
    'server-key.pem',
    'server.pem',
  ])
  t.equal(mode(files.ca_key), 0o600)
  t.equal(mode(files.server_key), 0o600)

  const [ca, server] = [certificate(files.ca), certificate(files.server)]
  t.ok(ca.ca && ca.verify(ca.publicKey), 'the authority signed itself')
  t.ok(!server.ca && server.checkIssued(ca) && server.verify(ca.publicKey), 'and the server')
  t.ok(server.checkPrivateKey(createPrivateKey(readFileSync(files.server_key))))
  for (const { publicKey } of [ca, server])
    t.equal(publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1', 'P-256')
  t.ok(Math.abs(days(ca) - 3_650) < 1)
  t.ok(Math.abs(days(server) - 825) < 1)
  t.not(ca.serialNumber, server.serialNumber)
  t.equal(readFileSync(files.server, 'utf8').match(/BEGIN CERTIFICATE/g)?.length, 1, 'a chain of one')
  t.ok(statSync(files.server).size < 1_500, 'small enough for an ESP32')

  const label = hostname().toLowerCase().split('.')[0]!
  for (const name of [label, `${label}.local`, 'localhost', 'kaiser.example.org'])
    t.equal(server.checkHost(name), name, name)
  for (const address of ['127.0.0.1', '::1']) t.equal(server.checkIP(address), address, address)
  t.equal(server.checkHost('else.example.org'), undefined)

  for (const { fingerprint256 } of [ca, server]) t.match(out, fingerprint256, 'the fingerprint is printed')
  t.match(out, `--mqtts-port 8883 --tls-cert ${files.server} --tls-key ${files.server_key}`)
  if (!hasOpenssl) return t.pass('openssl is not installed: not asked')
  t.match(verified(files.ca, files.server, 'sslserver'), /OK/)
})

t.test('the C header holds the authority’s certificate, byte for byte', async (t) => {
  const data = directory(t)
  await createAuthority(data, { days: 825, now: Date.now() })
  const files = filesOf(data)
  const text = readFileSync(files.header, 'utf8')
  t.match(text, /#ifndef KAISER_CA_H\n#define KAISER_CA_H\n/)
  t.match(text, /WiFiClientSecure[\s\S]*esp-mqtt/)
  const strings = [...text.matchAll(/^ {4}"(.*)\\n"/gm)].map((found) => `${found[1]}\n`)
  t.equal(strings.join(''), readFileSync(files.ca, 'utf8'))

  const gcc = spawnSync('gcc', [
    '-Wall',
    '-Werror',
    '-Wno-unused-variable',
    '-fsyntax-only',
    '-x',
    'c',
    files.header,
  ])
  if (!gcc.error) t.equal(gcc.status, 0, String(gcc.stderr))
})

t.test('what is there is not overwritten without --force', async (t) => {
  const data = directory(t)
  await createAuthority(data, { days: 825, now: Date.now() })
  const before = readFileSync(filesOf(data).ca, 'utf8')
  const { code, err } = await kaiser(['tls', 'init', '--data', data])
  t.match({ code, err }, { code: 1, err: /ca\.pem exists.*tls renew.*--force/ })
  t.equal(readFileSync(filesOf(data).ca, 'utf8'), before)

  t.equal((await kaiser(['tls', 'init', '--data', data, '--force'])).code, 0)
  const [first, second] = [new X509Certificate(before), certificate(filesOf(data).ca)]
  t.not(second.fingerprint256, first.fingerprint256)
  t.not(second.subject, first.subject, 'browsers tell authorities apart by name')
})

t.test('tls renew keeps the authority and the names, so that devices go on trusting', async (t) => {
  const data = directory(t)
  const first = await createAuthority(data, {
    names: ['kaiser.example.org', '2001:db8::7'],
    days: 825,
    now: Date.now(),
  })
  const { code, out } = await kaiser([
    'tls',
    'renew',
    '--data',
    data,
    '--days',
    '30',
    '--name',
    '203.0.113.9',
    '--json',
  ])
  t.equal(code, 0)
  const { ca, server } = JSON.parse(out)
  t.strictSame(ca, first.ca)
  t.not(server.fingerprint, first.server.fingerprint)
  for (const name of ['kaiser.example.org', '2001:db8::7', '203.0.113.9'])
    t.ok(server.names.includes(name), name)
  t.equal(new Set(server.names).size, server.names.length, 'each once')
  t.ok(certificate(filesOf(data).server).verify(certificate(filesOf(data).ca).publicKey))
  t.ok(Math.abs(days(certificate(filesOf(data).server)) - 30) < 1)

  const shown = await kaiser(['tls', 'show', '--data', data, '--json'])
  t.strictSame(JSON.parse(shown.out), JSON.parse(out))
})

t.test('tls client makes a device’s certificate: its common name is the device id', async (t) => {
  const data = directory(t)
  await createAuthority(data, { days: 825, now: Date.now() })
  const { code, out } = await kaiser(['tls', 'client', 'ESP_12AB34CD', '--data', data])
  t.equal(code, 0)
  const files = filesOf(data)
  t.match(out, `--tls-client-ca ${files.ca}`)
  const made = certificate(files.client('ESP_12AB34CD', 'certificate'))
  t.equal(made.subject, 'CN=ESP_12AB34CD')
  t.ok(made.verify(certificate(files.ca).publicKey))
  t.ok(made.checkPrivateKey(createPrivateKey(readFileSync(files.client('ESP_12AB34CD', 'key')))))
  for (const what of ['key', 'header'] as const)
    t.equal(mode(files.client('ESP_12AB34CD', what)), 0o600, what)
  const header = readFileSync(files.client('ESP_12AB34CD', 'header'), 'utf8')
  t.match(
    header,
    /KAISER_CLIENT_CERT_PEM\[\][\s\S]*BEGIN CERTIFICATE[\s\S]*KAISER_CLIENT_KEY_PEM\[\][\s\S]*BEGIN PRIVATE KEY/,
  )
  if (hasOpenssl) t.match(verified(files.ca, files.client('ESP_12AB34CD', 'certificate'), 'sslclient'), /OK/)
  t.match(await kaiser(['tls', 'client', 'ESP_12AB34CD', '--data', data]), {
    code: 1,
    err: /exists; --force/,
  })
  t.equal((await kaiser(['tls', 'client', 'ESP_12AB34CD', '--data', data, '--force'])).code, 0)
})

t.test('no certificate outlives its authority', async (t) => {
  const data = directory(t)
  await createAuthority(data, { days: 825, now: Date.now() })
  const late = Date.now() + 3_600 * DAY
  const { ca } = readAuthority(data)
  t.equal((await renewServer(data, { days: 825, now: late })).server.expires_at, ca.expires_at)
  t.equal(
    (await createClient(data, 'ESP_1', { days: 3_650, now: late })).certificate.expires_at,
    ca.expires_at,
  )
})

t.test('wrong calls and what is missing are named', async (t) => {
  const data = directory(t)
  const cases: [args: string[], code: number, says: RegExp][] = [
    [[], 2, /allowed: init, show, renew, client/],
    [['make'], 2, /tls make: allowed/],
    [['init', 'x'], 2, /"x" is too much/],
    [['init', '--name', 'not a name'], 2, /--name is "not a name"; "not a name" is no host name/],
    [['init', '--name', '300.1.1.1'], 2, /no host name and no IP address/],
    [['init', '--days', '0'], 2, /--days is "0"; a number of days, 1 to 3650/],
    [['client'], 2, /needs a device id/],
    [['client', 'a/b'], 2, /needs a device id/],
    [['show'], 1, /ca\.pem is missing; `kaiser tls init` makes it/],
    [['renew'], 1, /ca\.pem is missing/],
    [['client', 'ESP_1'], 1, /ca\.pem is missing/],
  ]
  for (const [args, code, says] of cases) {
    const ended = await kaiser(['tls', ...args, '--data', data])
    t.match(ended, { code, err: says }, args.join(' '))
    t.equal(ended.err.trim().split('\n').length, 1, 'one sentence')
  }
  t.strictSame(readdirSync(data), [])
})

t.test('a clock that was never set makes no certificate', async (t) => {
  const data = directory(t)
  await t.rejects(createAuthority(data, { days: 825, now: 3_600_000 }), /the clock says 1970-01-01/)
  t.notOk(existsSync(`${data}/tls`))
})

t.test('the key of another authority signs nothing', async (t) => {
  const data = directory(t)
  const [one, other] = [`${data}/one`, `${data}/other`]
  for (const place of [one, other]) await createAuthority(place, { days: 825, now: Date.now() })
  writeFileSync(filesOf(one).ca_key, readFileSync(filesOf(other).ca_key))
  const before = readFileSync(filesOf(one).server)
  await t.rejects(renewServer(one, { days: 825, now: Date.now() }), /not made by `kaiser tls init`/)
  t.ok(before.equals(readFileSync(filesOf(one).server)))
  mkdirSync(`${data}/empty`)
  t.throws(() => readAuthority(`${data}/empty`), /is missing/)
})

t.test('names and addresses in one spelling', async (t) => {
  t.equal(canonical('FD00:0:0:0:0:0:0:2'), 'fd00::2')
  t.equal(canonical('Kaiser.Local'), 'kaiser.local')
  for (const name of ['kaiser', 'kaiser.local', '*.example.org', 'a_b.example']) t.ok(isHostName(name), name)
  for (const name of ['', '.', 'a..b', '-a', 'a b', '1.2.3', 'ä', 'x'.repeat(64), '*'])
    t.notOk(isHostName(name), name)
})
