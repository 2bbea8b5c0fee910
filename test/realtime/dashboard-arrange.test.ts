/** What the overview makes of many devices and many points, before anything is drawn. */
import t from 'tap'
import { filtered, firstOf } from '../../realtime/dashboard/pages/overview/filter.js'
import { pathOf } from '../../realtime/dashboard/parts/sparkline.js'
import { type Point, trendOf } from '../../realtime/dashboard/parts/trend.js'

const HOUR = 3_600_000
const NOW = Date.UTC(2026, 5, 1, 12)
/** One point every five minutes of the last hour. */
const hour = (value: (hours: number) => number | null): Point[] =>
  Array.from({ length: 13 }, (_, n) => [NOW - HOUR + n * 300_000, value(n / 12)])

t.test('a value that climbs is said to rise, with how much in an hour', async (t) => {
  const trend = trendOf(
    hour((hours) => 20 + 1.2 * hours),
    NOW,
    '°C',
  )
  t.match(trend, { kind: 'rising' })
  t.ok(Math.abs(trend!.per_hour - 1.2) < 1e-9)
  t.match(
    trendOf(
      hour((hours) => 60 - 5 * hours),
      NOW,
      '%',
    ),
    { kind: 'falling' },
  )
})

t.test('noise, and a change nobody would notice, are steady', async (t) => {
  const noise = hour((hours) => 20 + (Math.round(hours * 12) % 2 === 0 ? 0.6 : -0.6))
  t.match(trendOf(noise, NOW, '°C'), { kind: 'steady' })
  t.match(
    trendOf(
      hour((hours) => 20 + 0.05 * hours),
      NOW,
      '°C',
    ),
    { kind: 'steady' },
  )
})

t.test('from too few points, too short a time, old or impossible ones nothing is said', async (t) => {
  const rising = hour((hours) => 20 + hours)
  t.equal(trendOf(rising.slice(-5), NOW, '°C'), undefined, 'five points')
  t.equal(trendOf(rising, NOW + HOUR, '°C'), undefined, 'an hour old')
  t.equal(
    trendOf(
      hour(() => null),
      NOW,
      '°C',
    ),
    undefined,
    'gaps',
  )
  const short = rising.map(([at, value]): Point => [NOW - (NOW - at) / 10, value])
  t.equal(trendOf(short, NOW, '°C'), undefined, 'six minutes')
  const huge = hour((hours) => (hours > 0.5 ? 1e300 : -1e300))
  t.equal(trendOf(huge, NOW, 'x'), undefined, 'values whose squares are no numbers')
})

t.test('a line breaks where nothing was measured, and stays within its picture', async (t) => {
  const path = pathOf(
    hour((hours) => (hours > 0.3 && hours < 0.6 ? null : 20 + hours)),
    NOW - HOUR,
    NOW,
    0.4,
  )
  t.equal(path.match(/M/g)?.length, 2)
  for (const [, x, y] of path.matchAll(/[ML](\S+) (\S+?)(?=[ML]|$)/g))
    t.ok(Number(x) >= 0 && Number(x) <= 120 && Number(y) >= 0 && Number(y) <= 28, `${x} ${y}`)
  t.match(
    pathOf(
      hour((hours) => (hours > 0.5 ? 1.7e308 : -1.7e308)),
      NOW - HOUR,
      NOW,
      1,
    ),
    /^M0\.0 14L/,
  )
  t.equal(pathOf([], NOW - HOUR, NOW, 1), '')
})

const card = (device_id: string, title: string, more: object = {}) => ({
  ...{ device_id, title, status: 'online', flapping: false, safe_mode: false },
  ...more,
})
const zone = (zone_id: string | null, name: string, cards: ReturnType<typeof card>[]) => ({
  ...{ zone_id, name, cards, size: cards.length, online: cards.length },
})
const zones = [
  zone('nord', 'Gewächshaus Nord', [
    card('ESP_1', 'Tomaten'),
    card('ESP_2', 'GURKEN', { status: 'offline' }),
  ]),
  zone(null, '', [card('ESP_3', 'طماطم', { flapping: true })]),
]
const found = (wanted: string, state: Parameters<typeof filtered>[2] = 'all') =>
  filtered(zones, wanted, state).flatMap(({ cards }) => cards.map(({ device_id }) => device_id))

t.test(
  'devices are found by name, id and zone in any case, every word counting, and by how they are',
  async (t) => {
    t.strictSame(found('gurk'), ['ESP_2'])
    t.strictSame(found('NORD esp_1'), ['ESP_1'])
    t.strictSame(found('طماطم'), ['ESP_3'])
    t.strictSame(found('nothing like it'), [])
    t.strictSame(found('', 'away'), ['ESP_2'])
    t.strictSame(found('', 'unwell'), ['ESP_2', 'ESP_3'])
    t.strictSame(found('tomaten', 'away'), [])
  },
)

t.test('the first so many are shown, and their zones still say how many there are', async (t) => {
  const first = firstOf(zones, 1)
  t.equal(first.length, 1)
  t.match(first[0], { cards: { length: 1 }, size: 2 })
  t.equal(firstOf(zones, 3)[0], zones[0], 'a zone that fits is the same')
})
