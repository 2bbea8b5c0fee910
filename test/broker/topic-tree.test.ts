/** Which retained messages a filter leads to, and that finding them leaves the event loop free. */
import t from 'tap'
import { Retained, type RetainedPacket } from '../../broker/sessions/retained.js'
import type { StateStore, StoredRows } from '../../broker/sessions/state-store.js'
import { TopicTree } from '../../broker/topic-tree.js'

const TOPICS = [
  'sport',
  'sport/tennis/player1',
  'sport/tennis/player1/ranking',
  'sport/tennis/player1/score/wimbledon',
  'sport/tennis/player2',
  'sport/',
  '/finance',
  '//finance',
  'finance',
  '$SYS/monitor/Clients',
  '$SYS',
]

/** §4.7 of the standard: a filter and the topics it matches. */
const MATCHES: readonly (readonly [string, readonly string[]])[] = [
  ['#', TOPICS.filter((topic) => !topic.startsWith('$'))],
  ['+', ['sport', 'finance']],
  ['+/+', ['sport/', '/finance']],
  ['/+', ['/finance']],
  ['//+', ['//finance']],
  ['/#', ['/finance', '//finance']],
  ['sport/#', TOPICS.filter((topic) => topic.startsWith('sport'))],
  ['sport/+', ['sport/']],
  ['sport/tennis/+', ['sport/tennis/player1', 'sport/tennis/player2']],
  ['sport/tennis/player1/#', TOPICS.filter((topic) => topic.startsWith('sport/tennis/player1'))],
  ['+/tennis/#', TOPICS.filter((topic) => topic.startsWith('sport/tennis'))],
  ['sport/+/player1', ['sport/tennis/player1']],
  ['+/+/+/ranking', ['sport/tennis/player1/ranking']],
  ['sport', ['sport']],
  ['+/monitor/Clients', []],
  ['+/monitor/#', []],
  ['$SYS/#', ['$SYS', '$SYS/monitor/Clients']],
  ['$SYS/monitor/+', ['$SYS/monitor/Clients']],
  ['sport/golf/#', []],
  ['Sport', []],
]

const treeOf = (topics: readonly string[]): TopicTree<{ topic: string }> => {
  const tree = new TopicTree<{ topic: string }>()
  for (const topic of topics) tree.set(topic, { topic })
  return tree
}

const foundIn = (tree: TopicTree<{ topic: string }>, filter: string): string[] =>
  [...tree.matching(filter)].flatMap((found) => (found ? [found.topic] : [])).sort()

t.test('a filter finds the topics that match it, each once', async (t) => {
  const tree = treeOf(TOPICS)
  for (const [filter, topics] of MATCHES) t.strictSame(foundIn(tree, filter), [...topics].sort(), filter)
})

t.test(
  'a deleted topic is not found, what is above and below it is, and nothing is left at the end',
  async (t) => {
    const tree = treeOf(TOPICS)
    tree.delete('sport/tennis/player1')
    tree.delete('sport/golf')
    t.strictSame(foundIn(tree, 'sport/tennis/player1/#'), [
      'sport/tennis/player1/ranking',
      'sport/tennis/player1/score/wimbledon',
    ])
    t.strictSame(foundIn(tree, 'sport'), ['sport'])
    for (const topic of TOPICS) tree.delete(topic)
    t.equal([...tree.matching('#')].length, 1, 'the root')
  },
)

const MANY = 10_000
const many = Array.from({ length: MANY }, (_, n) => `kaiser/god/esp/ESP_${n % 100}/sensor/${n}`)

t.test('a filter costs what it leads to, not the topics there are', async (t) => {
  const tree = treeOf(many)
  const steps = (filter: string): number => [...tree.matching(filter)].length
  t.ok(steps('nobody/#') <= 2)
  t.ok(steps('kaiser/god/esp/nobody/+/#') <= 5)
  t.ok(steps('kaiser/god/esp/+/nothing') <= 105)
  t.ok(steps('kaiser/god/esp/ESP_7/#') <= 110, 'a hundred messages and the way to them')
})

const noStore: StateStore = {
  take: () => {
    throw new Error('nothing is read')
  },
  note() {},
  together: (work) => work(),
  settle: ({ durable }) => durable(),
}

/** Retained messages under these topics, without a disk. */
function retaining(topics: readonly string[]): Retained {
  const bounds = { retained_messages: topics.length, retained_bytes: Number.POSITIVE_INFINITY }
  const retained = new Retained({ store: noStore, bounds, now: () => 0, lost() {} })
  const rows = topics.map((topic) => ({ topic, payload: Buffer.from('x'), qos: 1, stored_at: 0 }))
  retained.load({ mqtt_retained: rows } as unknown as StoredRows)
  return retained
}

/** How often the event loop came round until all of these were done. */
async function roundsDuring(work: Promise<unknown>): Promise<number> {
  let rounds = 0
  let over = false
  const round = (): void => {
    if (over) return
    rounds++
    setImmediate(round)
  }
  setImmediate(round)
  await work
  over = true
  return rounds
}

const collect = async (found: AsyncIterable<RetainedPacket>): Promise<string[]> => {
  const topics: string[] = []
  for await (const { topic } of found) topics.push(topic)
  return topics
}

t.test('two hundred filters that lead everywhere and match nothing leave the event loop free', async (t) => {
  const retained = retaining(many)
  const filters = Array.from({ length: 200 }, (_, n) => `+/+/+/+/+/+/nothing${n}`)
  let found: string[] = []
  const rounds = await roundsDuring(collect(retained.matching(filters)).then((topics) => (found = topics)))
  t.strictSame(found, [])
  t.ok(rounds >= (200 * MANY) / 500 - 1, `${rounds} rounds`)
})

t.test('many who ask at once share the turns of the event loop, and each is told everything', async (t) => {
  const retained = retaining(many)
  const all = Array.from({ length: 20 }, () => collect(retained.matching(['kaiser/#'])))
  const rounds = await roundsDuring(Promise.all(all))
  for (const topics of await Promise.all(all)) t.strictSame(topics.sort(), [...many].sort())
  t.ok(rounds >= (20 * MANY) / 500 - 1, `${rounds} rounds`)
})
