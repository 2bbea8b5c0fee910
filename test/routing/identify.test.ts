/** Who an MQTT client is: every way to say so, how failures cool down, and what a flood of them does to the others. */
import t, { type Test } from 'tap'
import type { Credentials, Identity } from '../../routing/contract/identities.js'
import { createCooldown, pairOf, plainAddress } from '../../routing/cooldown.js'
import { createIdentify, type IdentifyOptions } from '../../routing/identify.js'
import { createPasswordChecks } from '../../routing/password-checks.js'
import { hashPassword } from '../../routing/passwords.js'
import { register, reject, setPending } from '../../routing/registry.js'
import type { AuditEntry } from '../../storage/audit-logs.js'
import { openStore } from '../../storage/store.js'
import { until } from '../support/until.js'

const DEVICE = 'ESP_1'
const PASSWORD = 'Tomato-2026'
const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln'

async function scene(t: Test, more: Partial<IdentifyOptions> = {}) {
  let clock = 0
  const store = openStore({ path: ':memory:', now: Date.now, monotonic: () => performance.now() })
  t.teardown(() => store.close())
  const password_hash = await hashPassword(PASSWORD)
  const { user, secret } = await store.group.run(() => ({
    user: store.users.insert(
      { username: 'Grower', email: 'g@example.org', full_name: null, role: 'operator', password_hash },
      1,
    ),
    secret: register(store, DEVICE, {}, 'test', 1).credentials.mqtt_password,
  }))
  const reports: string[] = []
  const kept: AuditEntry[] = []
  const identify = createIdentify({
    store,
    allowAnonymous: false,
    pairing: { admit: () => false, loggedIn: () => {} },
    tokenOwner: (token) =>
      token === TOKEN ? { user: store.users.get(user.id)!, jti: 'j1', expires_at: 9 } : undefined,
    report: (code, who) => reports.push(`${code} ${who}`),
    record: (entry) => void kept.push(entry),
    monotonic: () => clock,
    ...more,
  })
  const who = (username?: string, password?: string, rest: Partial<Credentials> = {}) =>
    new Promise<Identity | string>((resolve) =>
      identify(
        {
          client_id: 'c',
          username,
          password: password === undefined ? undefined : Buffer.from(password),
          address: '192.0.2.1',
          certificate_cn: undefined,
          ...rest,
        },
        resolve,
      ),
    )
  return { store, user, secret, who, reports, kept, wait: (ms: number) => (clock += ms) }
}

const device = { kind: 'device', esp_id: DEVICE } as const
const grower = { kind: 'user', user_id: 1, username: 'Grower', role: 'operator' } as const

t.test('a device by its password, at once; not while it waits or is rejected', async (t) => {
  const { who, secret, store } = await scene(t)
  t.strictSame(await who(DEVICE, secret), device)
  t.equal(await who(DEVICE.toLowerCase(), secret), 'bad_credentials', 'ids are case-sensitive')
  await store.group.run(() => setPending(store, DEVICE, 1))
  t.equal(await who(DEVICE, secret), 'bad_credentials')
  await store.group.run(() => reject(store, DEVICE, null, 1))
  t.equal(await who(DEVICE, secret), 'bad_credentials')
})

t.test('a device by its certificate, which must be its own', async (t) => {
  const { who, secret, store } = await scene(t)
  const certificate = { certificate_cn: DEVICE }
  t.strictSame(await who(undefined, undefined, certificate), device)
  t.strictSame(await who(DEVICE, 'anything', certificate), device)
  t.equal(await who('ESP_2', undefined, certificate), 'certificate_mismatch')
  t.equal(await who('Grower', PASSWORD, certificate), 'certificate_mismatch')
  t.equal(await who('', undefined, certificate), 'certificate_mismatch')
  t.equal(await who(DEVICE, secret, { certificate_cn: 'ESP_2' }), 'certificate_mismatch', 'of another device')
  t.equal(await who(undefined, undefined, { certificate_cn: 'ESP_2' }), 'certificate_mismatch', 'of nobody')
  await store.group.run(() => reject(store, DEVICE, null, 1))
  t.equal(await who(undefined, undefined, certificate), 'certificate_mismatch')
})

t.test('a person by password or token, whichever way the name is written', async (t) => {
  const { who, store, user } = await scene(t)
  for (const name of ['Grower', 'grower', 'g@example.org']) t.strictSame(await who(name, PASSWORD), grower)
  for (const name of ['grower', 'jwt', 'JWT', ''])
    t.strictSame(await who(name, TOKEN), { ...grower, jti: 'j1', expires_at: 9 }, name)
  t.equal(await who('somebody', TOKEN), 'bad_credentials')
  t.equal(await who('grower', `${TOKEN}x`), 'bad_credentials')
  t.equal(await who('grower', 'x'.repeat(60_000)), 'bad_credentials')
  await store.group.run(() => store.users.update(store.users.get(user.id)!, { is_active: 0 }, 1))
  for (const word of [PASSWORD, TOKEN]) t.match(await who('Grower', word), /bad_credentials|login_cooldown/)
})

t.test('without credentials nobody, or everybody', async (t) => {
  t.equal(await (await scene(t)).who(), 'not_authorized')
  const { who } = await scene(t, { allowAnonymous: true })
  t.strictSame(await who(), { kind: 'anonymous' })
  t.equal(await who('nobody'), 'bad_credentials')
})

t.test('a new password, role or disabled account is not covered by a login before', async (t) => {
  const { who, store } = await scene(t)
  t.strictSame(await who('Grower', PASSWORD), grower)
  const changed = await hashPassword('Cucumber-2026')
  const change = (fields: object) =>
    store.group.run(() => store.users.update(store.users.list()[0]!, fields, 1))
  await change({ role: 'viewer' })
  t.match(await who('Grower', PASSWORD), { role: 'viewer' })
  await change({ password_hash: changed })
  t.equal(await who('Grower', PASSWORD), 'bad_credentials')
  t.match(await who('Grower', 'Cucumber-2026'), { role: 'viewer' })
  await change({ is_active: 0 })
  t.equal(await who('Grower', 'Cucumber-2026'), 'bad_credentials')
})

t.test('three failures cool down that address for that name, for a minute', async (t) => {
  const { who, secret, wait, reports, kept } = await scene(t)
  const fails = async (times: number) => {
    for (let n = 0; n < times; n++) t.equal(await who(DEVICE, 'wrong'), 'bad_credentials')
  }
  await fails(2)
  t.strictSame(await who(DEVICE, secret), device, 'two are forgiven')
  await fails(2)
  wait(60_000)
  await fails(2)
  t.strictSame(reports, [])
  await fails(1)
  t.strictSame(reports, ['login_cooldown 192.0.2.1'])
  t.equal(await who(DEVICE, secret), 'login_cooldown')
  t.equal(await who(DEVICE, secret, { address: '::ffff:192.0.2.1' }), 'login_cooldown', 'the same address')
  t.strictSame(await who(DEVICE, secret, { address: '192.0.2.2' }), device, 'another address')
  t.strictSame(await who('Grower', PASSWORD), grower, 'another name')
  wait(59_999)
  t.equal(await who(DEVICE, secret), 'login_cooldown')
  wait(1)
  t.strictSame(await who(DEVICE, secret), device)
  t.match(kept[0], { event_type: 'login_failed', source_id: DEVICE, ip_address: '192.0.2.1' })
})

t.test('a name that nobody has is not written down', async (t) => {
  const { who, kept, reports } = await scene(t)
  for (let n = 0; n < 3; n++) await who('my secret password', 'x')
  t.equal(kept.length, 3)
  t.notOk(JSON.stringify([kept, reports]).includes('my secret'))
})

t.test('the cool-down is bounded, and addresses have one form', async (t) => {
  const cooldown = createCooldown(() => 0)
  const first = pairOf('192.0.2.1', 'x')
  for (let n = 0; n < 3; n++) cooldown.failed(first)
  t.ok(cooldown.waits(first))
  for (let n = 0; n < 10_000; n++) cooldown.failed(pairOf('192.0.2.1', `name ${n}`))
  t.notOk(cooldown.waits(first), 'forgotten: it may try again early')
  t.equal(pairOf('a', 'x'.repeat(60_000)).length, first.length)
  t.equal(plainAddress('::ffff:192.0.2.1'), '192.0.2.1')
  t.equal(plainAddress('::1'), '::1')
  t.equal(plainAddress(null), 'local')
})

t.test('password checks: one at a time, lanes take turns, what finds no place is told so', async (t) => {
  const checks = createPasswordChecks()
  const hash = await hashPassword('right')
  const order: string[] = []
  for (let n = 0; n < 20; n++)
    checks.check('flood', 'wrong', hash, (right) => order.push(`flood ${String(right)}`))
  checks.check('guest', 'right', hash, (right) => order.push(`guest ${String(right)}`))
  t.strictSame(order, Array(11).fill('flood undefined'), 'one is checked, eight wait')
  await until(() => order.length === 21, 'all answers')
  t.ok(order.indexOf('guest true') <= 13, 'the guest was the second or third to be checked')
  checks.check('broken', 'x', 'no hash', (right) => order.push(String(right)))
  await until(() => order.length === 22, 'the answer')
  t.equal(order.at(-1), 'false')
})

t.test('wrong passwords of many names do not keep people and devices out', async (t) => {
  const { who, secret } = await scene(t)
  const flood = Array.from({ length: 300 }, (_, n) => who(`nobody-${n}`, 'wrong'))
  t.strictSame(await who(DEVICE, secret), device)
  t.strictSame(await who('Grower', PASSWORD), grower)
  const answers = await Promise.all(flood)
  t.ok(answers.includes('login_busy') && answers.includes('bad_credentials'))
})
