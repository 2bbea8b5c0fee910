import t from 'tap'
import { parseRedisUrl, withoutPassword } from '../../broker/redis/url.js'
import { kaiser } from '../support/kaiser.js'

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
