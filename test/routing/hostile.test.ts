/** Each message of a device against every way of being wrong. */
import t from 'tap'
import { fromDevice, matcher } from '../../routing/contract/topics.js'
import { hostile, specimens } from '../support/hostile.js'
import { inStore } from '../support/in-store.js'

t.test('every topic of devices has its table', async (t) => {
  for (const [name, template] of Object.entries(fromDevice))
    t.ok(
      specimens.some(({ topic }) => matcher<string>(template)(topic)),
      name,
    )
})

for (const specimen of specimens)
  t.test(specimen.name, async (t) => {
    const opened = await inStore(t, { discovery: 'pending' })
    await specimen.before?.(opened)
    const { receive, rows, stats } = opened
    const good = await receive({ topic: specimen.topic, payload: JSON.stringify(specimen.good) })
    t.strictSame(
      { code: good.code, error: good.error },
      { code: 'processed', error: undefined },
      'the good one',
    )
    let failed = 0
    for (const { name, payload, code, detail } of hostile(specimen)) {
      const result = await receive({ topic: specimen.topic, payload })
      t.strictSame(
        { code: result.code, error: result.error },
        { code: code ?? 'processed', error: undefined },
        name,
      )
      if (!code) continue
      failed++
      const [kept] = rows('SELECT code, detail FROM rejects ORDER BY id DESC LIMIT 1') as { detail: string }[]
      t.match(kept, { code, detail }, `${name}: ${kept?.detail}`)
    }
    t.equal(stats.subscriber().messages_failed, failed, 'each is counted once')
    t.notOk('polluted' in {}, 'nothing is polluted')
    t.match(rows('SELECT count(*) AS n FROM esp_devices'), [{ n: 2 }], 'nobody new')
  })
