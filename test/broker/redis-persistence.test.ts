/** The persistence over Redis passes the suite of aedes-persistence, with Redis and (what can be) without it. */
import assert from 'node:assert'
import { createRequire } from 'node:module'
import t from 'tap'
import { createCluster } from '../../broker/redis/cluster.js'
import { parseRedisUrl } from '../../broker/redis/url.js'
import { openStore } from '../../storage/store.js'
import { startRedis, withoutRedis } from '../support/redis.js'

interface SuiteTest {
  assert: typeof assert
  plan(count: number): void
  diagnostic(text: string): void
}
type Suite = (options: {
  test(name: string, body: (t: SuiteTest) => unknown): void
  persistence(): Promise<object>
  testAsync: true
}) => void
const suite = createRequire(import.meta.url)('aedes-persistence/abstract.js') as Suite

t.test('aedes-persistence’s own suite', { skip: withoutRedis }, async (t) => {
  const redis = await startRedis(t)
  const look = await redis.look()
  const tests: [name: string, body: (t: SuiteTest) => unknown][] = []

  suite({
    test: (name, body) => void tests.push([name, body]),
    testAsync: true,
    async persistence() {
      await look.flushall()
      let ahead = 0
      const store = openStore({ path: ':memory:', now: Date.now, monotonic: () => performance.now() })
      const cluster = createCluster({
        place: parseRedisUrl(redis.url),
        store: store.mqttState,
        concurrency: 0,
        bounds: { queued_messages: 1_000, queued_bytes: 1_000_000, retained_messages: 10_000 },
        full: (bound) => assert.fail(bound),
        changed: () => {},
        movedAway: () => {},
        failed: (error) => assert.fail(error),
        now: Date.now,
        sessionExpiry: 0,
        monotonic: () => performance.now() + ahead,
      })
      const { persistence } = cluster
      t.teardown(async () => {
        await cluster.close()
        await store.close()
      })
      const instance = {
        ...persistence,
        broker: {},
        async setup(node: { id: string }) {
          instance.broker = Object.assign(node, { clients: {} })
          await persistence.setup(node)
          // By now all nodes have had the time to say that they are there.
          ahead = 1_000_000
        },
      }
      return instance
    },
  })

  t.ok(tests.length > 40, 'there are tests')
  for (const [name, body] of tests) {
    let planned: number | undefined
    let done = 0
    const counting = new Proxy(assert, {
      get(target, method: keyof typeof assert) {
        done++
        return target[method]
      },
    })
    await t.test(name, async (t) => {
      await body({
        assert: counting,
        plan: (count) => {
          planned = count
        },
        diagnostic: () => {},
      })
      if (planned !== undefined) t.equal(done, planned)
    })
  }
})
