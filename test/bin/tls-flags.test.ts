import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { readConfig, startOptions } from '../../bin/config.js'
import { openServing } from '../../bin/tls/serving.js'
import { directory } from '../support/app.js'
import { kaiser, startKaiser } from '../support/kaiser.js'
import { authority, replace, shakeHands } from '../support/tls.js'
import { until } from '../support/until.js'

t.test('a wrong flag about TLS is named with its file and why', async (t) => {
  const [home, other] = [await authority(t), await authority(t)]
  const dir = directory(t)
  const { server, server_key, ca } = home.files
  const file = (name: string, text: string): string => {
    writeFileSync(`${dir}/${name}`, text)
    return `${dir}/${name}`
  }
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const locked = privateKey.export({
    format: 'pem',
    type: 'pkcs8',
    cipher: 'aes-256-cbc',
    passphrase: 'secret',
  })
  const broken = readFileSync(server, 'utf8').replace(/MII.{20}/, 'MIIAAAAAAAAAAAAAAAAAAAA')
  const pair = ['--tls-cert', server, '--tls-key', server_key]
  const cases: [args: string[], says: RegExp][] = [
    [['--mqtts-port', '0'], /^--mqtts-port needs --tls-cert and --tls-key; `kaiser tls init`/],
    [['--tls-cert', server], /^--tls-cert needs --tls-key/],
    [['--tls-key', server_key], /^--tls-key needs --tls-cert/],
    [[...pair, '--tls-client-ca', ca], /^--tls-client-ca needs --mqtts-port/],
    [
      ['--tls-cert', `${dir}/none.pem`, '--tls-key', server_key],
      /^--tls-cert is ".*none\.pem"; it cannot be read: ENOENT/,
    ],
    [['--tls-cert', dir, '--tls-key', server_key], /^--tls-cert is ".*"; it cannot be read: EISDIR/],
    [
      ['--tls-cert', file('empty.pem', ''), '--tls-key', server_key],
      /^--tls-cert is ".*"; there is no certificate in it, as PEM/,
    ],
    [
      ['--tls-cert', server_key, '--tls-key', server_key],
      /^--tls-cert is ".*"; there is no certificate in it/,
    ],
    [
      ['--tls-cert', file('broken.pem', broken), '--tls-key', server_key],
      /^--tls-cert is ".*"; a certificate in it is broken/,
    ],
    [['--tls-cert', server, '--tls-key', server], /^--tls-key is ".*"; it is no private key, as PEM/],
    [
      ['--tls-cert', server, '--tls-key', file('locked.pem', String(locked))],
      /^--tls-key is ".*"; it is no private key, as PEM without a password/,
    ],
    [
      ['--tls-cert', server, '--tls-key', other.files.server_key],
      /^--tls-key is ".*"; it is not the key of --tls-cert/,
    ],
    [
      [...pair, '--mqtts-port', '0', '--tls-client-ca', server],
      /^--tls-client-ca is ".*"; there is no certificate of an authority in it/,
    ],
    [[...pair, '--mqtts-port', 'x'], /^--mqtts-port is "x"; a port is 0 to 65535/],
    [['--tls-cert', ''], /^--tls-cert is ""; it must not be empty/],
  ]
  for (const [args, says] of cases)
    t.throws(
      () => openServing(readConfig(startOptions, args, {}).config, Date.now),
      { name: 'UsageError', message: says },
      args.join(' '),
    )
  t.equal(openServing(readConfig(startOptions, [], {}).config, Date.now), undefined)

  const data = `${dir}/data`
  const ended = await kaiser([
    'start',
    '--data',
    data,
    '--tls-cert',
    server,
    '--tls-key',
    other.files.server_key,
  ])
  t.match(ended, { code: 2, err: /^kaiser: --tls-key is .*not the key of --tls-cert\n$/ })
  t.notOk(existsSync(data), 'nothing is written')
  const twice = ['--mqtt-port', '18841', '--mqtts-port', '18841']
  t.match(await kaiser(['start', '--data', data, ...pair, ...twice]), {
    code: 2,
    err: /--mqtts-port is "18841"; that is the --mqtt-port already/,
  })
})

t.test('a chain, RSA and a key in the old form are taken too', async (t) => {
  const dir = directory(t)
  try {
    execFileSync('openssl', ['version'])
  } catch {
    return t.comment('openssl is not installed')
  }
  const [cert, key] = [`${dir}/rsa.pem`, `${dir}/rsa-key.pem`]
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=kaiser', '-days', '10']
  execFileSync('openssl', [...args, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  execFileSync('openssl', ['rsa', '-in', key, '-traditional', '-out', key], { stdio: 'ignore' })
  writeFileSync(cert, Buffer.concat([readFileSync(cert), (await authority(t)).ca]))
  const serving = openServing({ 'tls-cert': cert, 'tls-key': key }, Date.now)
  t.match(serving?.state(), { subject: 'kaiser', days_left: 9, reload_failed: null })
})

t.test(
  'ready says where TLS is; a new certificate is taken on SIGHUP; an expired one is said at once',
  async (t) => {
    const home = await authority(t)
    const flags = ['--mqtts-port', '0', '--tls-cert', home.files.server, '--tls-key', home.files.server_key]
    const running = await startKaiser(t, flags)
    t.match(running, { scheme: 'https', mqtts_port: Number })
    const seen = async () => (await shakeHands(t, running.mqtts_port!, { ca: home.ca })).fingerprint
    t.equal(await seen(), home.fingerprint())
    await home.renew(-1)
    running.child.kill('SIGHUP')
    const expired = async () =>
      (await shakeHands(t, running.http_port, { rejectUnauthorized: false })).fingerprint
    await until(async () => (await expired()) === home.fingerprint(), 'the new certificate')
    await t.rejects(seen(), /expired/)

    const again = await startKaiser(t, flags)
    const { out } = await again.stop()
    t.match(out, /"code":"certificate_expires"/)
    t.match(await running.stop(), { code: 0 })
    t.match(JSON.parse((await running.end).out.split('\n')[0]!), {
      mqtts_port: running.mqtts_port,
      scheme: 'https',
    })
  },
)

t.test('files that come back as they were are no news', async (t) => {
  const home = await authority(t)
  const heard: string[] = []
  const { server, server_key } = home.files
  const serving = openServing({ 'tls-cert': server, 'tls-key': server_key }, Date.now, 10)!
  t.teardown(() => serving.close())
  serving.start({
    take: () => heard.push('take'),
    taken: () => heard.push('taken'),
    failed: (detail) => heard.push(detail),
    expires: () => heard.push('expires'),
  })
  await serving.look()
  replace(server, readFileSync(server))
  await serving.look()
  t.strictSame(heard, [])
  await home.renew(10)
  await serving.look()
  t.strictSame(heard, ['take', 'taken', 'expires'])
})
