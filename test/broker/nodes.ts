/** What tests of several kaisers on one Redis share: nodes that try it again soon, and what they wait for. */
import { type OpenApp, type OpenOptions, openApp, type Teardown } from '../support/app.js'
import type { RedisServer } from '../support/redis.js'
import { until } from '../support/until.js'

/** A node that does not wait long before it tries Redis again. */
export const openNode = (t: Teardown, redis: RedisServer, options: OpenOptions = {}): Promise<OpenApp> =>
  openApp(t, { redis: redis.url, redisBackoff: [100, 500], ...options })

/** Waits until each knows of all the others. */
export const meet = (...nodes: OpenApp[]): Promise<void> =>
  until(() => nodes.every((node) => node.broker.redis()!.nodes === nodes.length - 1), 'the nodes to meet')

/** Two nodes that know of each other. */
export async function twoNodes(
  t: Teardown,
  redis: RedisServer,
  options: OpenOptions = {},
): Promise<[OpenApp, OpenApp]> {
  const one = await openNode(t, redis, options)
  const two = await openNode(t, redis, options)
  await meet(one, two)
  return [one, two]
}

/** Waits until Redis is what it is for this node. */
export const redisIs = (node: OpenApp, state: 'up' | 'lost'): Promise<void> =>
  until(() => node.broker.redis()!.state === state, `Redis to be ${state}`)

export const lasting = (clientId: string) => ({ clientId, clean: false }) as const
