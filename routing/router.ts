/**
 * Topic → handler. Devices repeat the same topics for ever, so a literal topic is looked up in a bounded
 * cache first and the templates are walked only on a miss.
 */
import { fromServer, matcher, toDevice } from './contract/topics.js'
import type { Handler } from './handler.js'

/** What a topic means to us. `known`: it is for devices, forwarded and not handled. */
export type Route =
  | {
      readonly kind: 'handled'
      readonly handler: Handler
      readonly name: string
      readonly levels: Readonly<Record<string, string | number>>
    }
  | { readonly kind: 'known' }
  | { readonly kind: 'foreign'; readonly kaiser_id: string }
  | { readonly kind: 'unrouted' }
  | { readonly kind: 'outside' }

const KNOWN: Route = Object.freeze({ kind: 'known' })
const UNROUTED: Route = Object.freeze({ kind: 'unrouted' })
const OUTSIDE: Route = Object.freeze({ kind: 'outside' })

/** Literal topics remembered; a greenhouse of 2,000 devices with seven topics each fits. */
const CACHE_SIZE = 16_384

export interface Router {
  route(topic: string): Route
}

/** Throws when two handlers want the same topic. */
export function createRouter(handlers: Readonly<Record<string, Handler>>, kaiser_id: string): Router {
  const handled = Object.entries(handlers).map(([name, handler]) => ({
    name,
    handler,
    match: matcher(handler.topic),
  }))
  const seen = new Set<string>()
  for (const { handler } of handled) {
    if (seen.has(handler.topic)) throw new Error(`two handlers want ${handler.topic}`)
    seen.add(handler.topic)
  }
  const known = [...Object.values(toDevice), ...Object.values(fromServer)].map((template) =>
    matcher<string>(template),
  )
  const cache = new Map<string, Route>()

  const find = (topic: string): Route => {
    if (!topic.startsWith('kaiser/')) return OUTSIDE
    const owner = topic.split('/', 2)[1]!
    if (owner !== kaiser_id && owner !== 'broadcast')
      return Object.freeze({ kind: 'foreign', kaiser_id: owner })
    for (const { name, handler, match } of handled) {
      const levels = match(topic)
      if (levels) return Object.freeze({ kind: 'handled', handler, name, levels: Object.freeze(levels) })
    }
    return known.some((match) => match(topic)) ? KNOWN : UNROUTED
  }

  return {
    route(topic) {
      const cached = cache.get(topic)
      if (cached) return cached
      if (cache.size >= CACHE_SIZE) cache.clear()
      const found = find(topic)
      cache.set(topic, found)
      return found
    },
  }
}
