/** A page outlives its token: it brings another one, or comes again. */
import t from 'tap'
import { Compile } from 'typebox/compile'
import { ErrorFrame, RenewedFrame } from '../../routing/contract/frames.js'
import { openApp, type Teardown } from '../support/app.js'
import { people, request } from '../support/http.js'
import { listen, ticket } from '../support/socket.js'
import { until } from '../support/until.js'

const MINUTES = 60_000

async function house(t: Teardown) {
  const clock = { skew: 0 }
  const app = await openApp(t, { now: () => Date.now() + clock.skew })
  return { app, clock, ...(await people(app)) }
}

t.test('a socket that renewed ends with its new token, and not before', async (t) => {
  const { app, clock, viewer } = await house(t)
  const page = await listen(t, app, await ticket(app, viewer))
  clock.skew = 20 * MINUTES
  const login = await request(app, 'POST', '/auth/login', {
    body: { username: 'a-viewer', password: 'Tomato-2026' },
  })
  const { access_token } = login.body.tokens as { access_token: string }
  page.say({ action: 'renew', token: access_token })
  const renewed = await page.heard('renewed')
  t.ok(Compile(RenewedFrame).Check(renewed))
  const left = (renewed.data.expires_at as number) - (Date.now() + clock.skew) / 1000
  t.ok(left > 29 * 60 && left <= 30 * 60, `${left} s`)

  clock.skew = 45 * MINUTES
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  t.equal(page.code, undefined, 'longer than the ticket would have lasted')
  clock.skew = 51 * MINUTES
  t.equal(await page.end(), 4001)
})

t.test(
  'a ticket stands for a session: its socket is asked for another token after half an hour',
  async (t) => {
    const { app, clock, viewer, operator } = await house(t)
    const page = await listen(t, app, await ticket(app, viewer), 'page')
    const original = await listen(t, app, operator, 'original')
    clock.skew = 5 * MINUTES
    page.say({ action: 'renew', token: await ticket(app, viewer) })
    await page.heard('renewed')
    clock.skew = 34 * MINUTES
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    t.equal(page.code, undefined)
    clock.skew = 36 * MINUTES
    t.equal(await page.end(), 4001)
    t.equal(original.code, undefined, 'a page that knows of no renewing stays as long as its session')
  },
)

t.test('a token that is no good, or somebody else’s, ends the socket', async (t) => {
  const { app, viewer, operator } = await house(t)
  for (const token of ['nonsense', operator, await ticket(app, operator)]) {
    const page = await listen(t, app, viewer)
    page.say({ action: 'renew', token })
    t.equal(await page.end(), 4001)
    t.strictSame(page.frames, [])
  }
})

t.test('a socket that renewed ends when the new token is logged out', async (t) => {
  const { app, viewer } = await house(t)
  const page = await listen(t, app, await ticket(app, viewer))
  page.say({ action: 'renew', token: viewer })
  await page.heard('renewed')
  await request(app, 'POST', '/auth/logout', { token: viewer, body: {} })
  t.equal(await page.end(), 4001)
})

t.test('what is no frame of ours is answered with what is wrong, a few times', async (t) => {
  const { app, viewer } = await house(t)
  const page = await listen(t, app, viewer)
  const rows: readonly (readonly [unknown, RegExp])[] = [
    [{ action: 'dance' }, /^action is subscribe, unsubscribe, snapshot, replay or renew$/],
    [7, /^action is/],
    [{ action: 'subscribe', filters: { types: 'x' } }, /^subscribe: filters are lists of words/],
    [{ action: 'replay' }, /^replay needs since/],
    [{ action: 'replay', since: '<b>' }, /^replay needs since/],
    [{ action: 'replay', since: `a.${'1'.repeat(70)}` }, /^replay needs since/],
    [{ action: 'renew', token: 5 }, /^renew needs token/],
  ]
  const isError = Compile(ErrorFrame)
  for (const [n, [frame, detail]] of rows.entries()) {
    page.say(frame)
    const answer = await page.frame(n + 1)
    t.ok(isError.Check(answer))
    t.match(answer.data, { code: 'frame_invalid', detail })
  }
  for (let n = 0; n < 100; n++) page.say({})
  await until(() => app.stats.codes().frame_invalid === rows.length + 100, 'all of them to be counted')
  t.equal(page.frames.length, 10, 'and no more than ten answered')
  t.equal(page.code, undefined)
})

t.test('snapshots and replays are dear: whoever asks all the time is told when to ask again', async (t) => {
  const { app, viewer } = await house(t)
  const page = await listen(t, app, viewer)
  for (let n = 0; n < 15; n++) page.say({ action: n % 2 ? 'snapshot' : 'replay', since: 'a.0' })
  await until(() => page.frames.filter(({ type }) => type === 'error').length === 5, 'five refusals')
  t.match(page.frames.at(-1)?.data, { code: 'rate_limited', detail: /again in \d+ s/ })
  t.equal(page.frames.filter(({ type }) => ['snapshot', 'replay'].includes(type)).length, 10)
})
