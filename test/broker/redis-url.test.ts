import t from 'tap'
import { filesOf } from '../../bin/tls/authority.js'
import { parseRedisUrl, withoutPassword } from '../../broker/redis/url.js'
import { directory } from '../support/app.js'
import { startKaiser } from '../support/child.js'
import { kaiser } from '../support/kaiser.js'
import { startRedis, withoutRedis } from '../support/redis.js'

t.test('a Redis URL says where it is and who we are, and shows no password', async (t) => {
  const cases: [url: string, place: object][] = [
    ['redis://box', { host: 'box', port: 6379, db: 0, shown: 'redis://box' }],
    ['redis://10.0.0.2:6380/3', { host: '10.0.0.2', port: 6380, db: 3, shown: 'redis://10.0.0.2:6380/3' }],
    ['redis://:p%40ss@box/', { host: 'box', password: 'p@ss', shown: 'redis://***@box/' }],
    [
      'rediss://me:secret@box:6390/1',
      { username: 'me', password: 'secret', tls: { servername: 'box' }, shown: 'rediss://***@box:6390/1' },
    ],
    ['redis://[::1]:7000', { host: '::1', port: 7000 }],
    ['rediss://10.0.0.2', { host: '10.0.0.2', tls: {} }],
  ]
  for (const [url, place] of cases) t.match(parseRedisUrl(url), place, url)
})

const WRONG = [
  'box:6379',
  'http://box',
  'redis://',
  'redis://box/name',
  'redis://box:notaport',
  'redis://box?x=1',
  'me:secret@box',
  'redis://me:sec/ret@box',
  'redis://me:%zz@box',
]

t.test('what is no Redis URL is refused with what is allowed', async (t) => {
  for (const url of WRONG) t.throws(() => parseRedisUrl(url), /^it must be redis:\/\//, url)
  for (const url of WRONG) t.notMatch(withoutPassword(url), /sec|ret|%zz/, url)
})

t.test('a wrong --redis is wrong usage, and its password is not repeated', async (t) => {
  for (const [args, env, name] of [
    [['--redis', 'me:secret@box'], {}, '--redis'],
    [[], { KAISER_REDIS: 'me:secret@box' }, 'KAISER_REDIS'],
  ] as const) {
    const { code, err, out } = await kaiser(['start', ...args], { env })
    t.equal(code, 2)
    t.match(err, `${name} is "***@box"; it must be redis://`)
    t.notMatch(out + err, /secret/)
  }
})

t.test(
  'TLS and a password: Redis is used, and the password is nowhere',
  { skip: withoutRedis },
  async (t) => {
    const certificates = directory(t)
    const made = await kaiser(['tls', 'init', '--data', certificates, '--name', 'localhost', '--json'])
    t.equal(made.code, 0, made.err)
    const files = filesOf(certificates)
    const redis = await startRedis(t, ['--requirepass', 'Tomato-2026', '--port', '0'], (port) => [
      ...['--tls-port', String(port), '--tls-auth-clients', 'no'],
      ...[
        '--tls-cert-file',
        files.server,
        '--tls-key-file',
        files.server_key,
        '--tls-ca-cert-file',
        files.ca,
      ],
    ])
    const checks = async (url: string): Promise<{ redis: boolean }> => {
      const node = await startKaiser(t, directory(t), {
        KAISER_REDIS: url,
        NODE_EXTRA_CA_CERTS: files.ca,
      })
      const answer = await fetch(`http://127.0.0.1:${node.httpPort}/api/v1/health/ready`)
      const body = (await answer.json()) as { checks: { redis: boolean } }
      await node.end('SIGTERM')
      t.notMatch(node.said, /Tomato|Potato/)
      if (!body.checks.redis) t.match(node.said, 'redis_unavailable')
      return body.checks
    }
    t.match(await checks(`rediss://:Tomato-2026@localhost:${redis.port}`), { redis: true })
    t.match(await checks(`rediss://:Potato-2026@localhost:${redis.port}`), { redis: false })
  },
)
