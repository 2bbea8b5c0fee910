/** Whoever may not listen any more hears no more: logged out, disabled, deleted, with a new password. */
import t from 'tap'
import { openApp } from '../support/app.js'
import { people, request } from '../support/http.js'
import { listen } from '../support/socket.js'
import { until } from '../support/until.js'

t.test('a socket ends with the session it was opened in, and nobody else’s does', async (t) => {
  const app = await openApp(t)
  const { admin, operator, viewer } = await people(app)
  const boss = await listen(t, app, admin, 'boss')
  const worker = await listen(t, app, operator, 'worker')
  const guest = await listen(t, app, viewer, 'guest')

  await request(app, 'POST', '/auth/logout', { token: viewer, body: {} })
  await until(() => guest.code !== undefined, 'the guest’s socket to be closed')
  t.equal(guest.code, 4001)

  const { body } = await request(app, 'GET', '/users', { token: admin })
  const { id } = (body.users as { id: number; role: string }[]).find(({ role }) => role === 'operator')!
  await request(app, 'DELETE', `/users/${id}`, { token: admin })
  await until(() => worker.code !== undefined, 'the operator’s socket to be closed')
  t.equal(worker.code, 4001)
  t.equal(boss.code, undefined)
})
