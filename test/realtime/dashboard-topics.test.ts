/** The tree of topics in a real Chromium. */
import t from 'tap'
import { openApp } from '../support/app.js'
import { openPage, setUp, skip } from '../support/dashboard.js'
import { looksWell } from '../support/looks.js'
import { connected, reading, topicOf } from '../support/mqtt.js'

t.setTimeout(120_000)

for (const way of ['websocket', 'mqtt'] as const)
  t.test(`every topic is found in the tree, over ${way}`, { skip }, async (t) => {
    const app = await openApp(t)
    const device = await connected(t, app, { clientId: 'pen' })
    await device.publishAsync('garden/shed/door', '<i>open</i>', { qos: 1, retain: true })
    const { page, complaints } = await openPage(t, app.origin)
    await page.evaluate(`localStorage.setItem('kaiser_connection', '${way}')`)
    await page.reload()
    await setUp(page)
    await page.getByRole('link', { name: 'Topics' }).click()
    await page.getByText('<i>open</i>', { exact: true }).waitFor()
    t.equal(await page.getByText('retained', { exact: true }).count(), 1)

    for (const n of [1, 2]) await device.publishAsync(topicOf(), reading(n), { qos: 1 })
    const level = (name: string) =>
      page.locator('main li > .line').filter({ has: page.getByText(name, { exact: true }) })
    await level('kaiser')
      .getByText(/[2-9] messages/)
      .waitFor()
    const levels = 'kaiser/god/esp/ESP_12AB34CD/sensor/4'.split('/')
    for (const n of levels.keys()) {
      const topic = levels.slice(0, n + 1).join('/')
      const turn = page.getByRole('button', { name: new RegExp(`^(Open|Close) ${topic}$`) })
      await turn.waitFor()
      if ((await turn.getAttribute('aria-expanded')) === 'false') await turn.press('Enter')
    }
    const data = level('data')
    await data.getByText('2 messages').waitFor()
    t.match(await data.textContent(), reading(2).slice(0, 20))
    t.match(await data.textContent(), /last (just now|\d+ s ago)/)

    await page.getByLabel('Search').fill('garden/#')
    await page.getByText('garden/shed/door', { exact: true }).waitFor()
    t.equal(await page.locator('main li').count(), 1)
    if (way === 'websocket') await looksWell(t, page, 'topics')
    await page.getByRole('link', { name: 'Messages of it' }).click()
    await page.waitForURL(/mqtt-log\?show=raw&topic=garden/)
    await page.locator('main .event').filter({ hasText: 'garden/shed/door' }).first().waitFor()
    t.strictSame(complaints, [])
  })
