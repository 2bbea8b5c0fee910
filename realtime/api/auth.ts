/** `/auth`: setup of the first administrator, login, refresh, logout. Wire format: rest-contract §3. */
import { Hono } from 'hono'
import Type from 'typebox'
import { hashPassword, isPassword, passwordWeakness } from '../../routing/passwords.js'
import type { Store } from '../../storage/store.js'
import type { User } from '../../storage/users.js'
import { createAttempts } from '../attempts.js'
import { Problem } from '../problem.js'
import { TICKET_SECONDS, type Tokens } from '../tokens.js'
import { body, wrongField } from '../validate.js'
import { type Env, iso, requires, userOf } from '../web.js'

const Setup = Type.Object({
  username: Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_-]{2,49}$' }),
  email: Type.String({ pattern: '^[^\\s@]+@[^\\s@]+$', maxLength: 254 }),
  password: Type.String({ minLength: 8, maxLength: 128 }),
  full_name: Type.Optional(Type.Union([Type.String({ maxLength: 100 }), Type.Null()])),
})
const Login = Type.Object({
  username: Type.String({ minLength: 1, maxLength: 254 }),
  password: Type.String({ minLength: 1, maxLength: 128 }),
  remember_me: Type.Optional(Type.Boolean()),
})
const Refresh = Type.Object({ refresh_token: Type.String() })
const Logout = Type.Object({
  all_devices: Type.Optional(Type.Boolean()),
  refresh_token: Type.Optional(Type.Union([Type.String(), Type.Null()])),
})

/** A user as the pages know one. */
export const userBody = (user: User) => ({
  id: user.id,
  username: user.username,
  email: user.email,
  full_name: user.full_name,
  role: user.role,
  is_active: user.is_active === 1,
  created_at: iso(user.created_at),
  updated_at: iso(user.updated_at),
})

/** A hash nobody has the password of: an unknown name costs as much time as a wrong password. */
const NOBODY = await hashPassword(crypto.randomUUID())

export interface AuthOptions {
  store: Store
  tokens: Tokens
  now: () => number
  monotonic: () => number
  tls: boolean
  /** MQTT clients need credentials. */
  mqttAuth: boolean
}

export function auth({ store, tokens, now, monotonic, tls, mqttAuth }: AuthOptions): Hono<Env> {
  const setup = body(Setup)
  const login = body(Login)
  const refresh = body(Refresh)
  const logout = body(Logout)
  const attempts = createAttempts(10, 60_000, monotonic)

  return new Hono<Env>()
    .get('/status', (c) =>
      c.json({
        setup_required: store.users.count === 0,
        users_exist: store.users.count > 0,
        mqtt_auth_enabled: mqttAuth,
        mqtt_tls_enabled: tls,
      }),
    )

    .post('/setup', async (c) => {
      if (store.users.count > 0) throw new Problem('permission_denied', 'Setup is done; log in instead')
      const asked = await setup(c)
      const weakness = passwordWeakness(asked.password)
      if (weakness) throw wrongField('password', weakness, '')
      const password_hash = await hashPassword(asked.password)
      const { username, email } = asked
      const user = await store.group.run(() => {
        if (store.users.count > 0) throw new Problem('permission_denied', 'Setup is done; log in instead')
        return store.users.insert(
          { username, email, full_name: asked.full_name || null, password_hash, role: 'admin' },
          now(),
        )
      })
      return c.json({
        success: true,
        message: 'Administrator created',
        tokens: await tokens.issue(user, false),
        user: userBody(user),
      })
    })

    .post('/login', async (c) => {
      const asked = await login(c)
      const wait = attempts.attempt(c.env.address)
      if (wait > 0)
        throw new Problem('rate_limited', `Too many login attempts; try again in ${wait} s`, {
          'Retry-After': String(wait),
        })
      const user = store.users.find(asked.username)
      const right = await isPassword(asked.password, user?.password_hash ?? NOBODY)
      if (!user || !right || !user.is_active)
        throw new Problem('not_authenticated', 'Wrong user name or password', {
          'WWW-Authenticate': 'Bearer',
        })
      const issued = await tokens.issue(user, asked.remember_me === true)
      return c.json({ success: true, message: 'Logged in', tokens: issued, user: userBody(user) })
    })

    .post('/refresh', async (c) => {
      const { refresh_token } = await refresh(c)
      const claims = await tokens.verify(refresh_token, 'refresh')
      if (!claims?.user.is_active)
        throw new Problem('not_authenticated', 'The session is over; log in again', {
          'WWW-Authenticate': 'Bearer',
        })
      // The first exchange counts: a second one within the grace time does not prolong it.
      if (!store.revokedTokens.find(claims.jti))
        await store.group.run(() =>
          store.revokedTokens.insert({
            jti: claims.jti,
            reason: 'rotated',
            revoked_at: now(),
            expires_at: claims.expires_at,
          }),
        )
      return c.json({
        success: true,
        message: 'Refreshed',
        tokens: await tokens.issue(claims.user, claims.remembered),
      })
    })

    .post('/logout', requires(tokens), async (c) => {
      const asked = await logout(c)
      const own = c.get('claims')
      const other = asked.refresh_token ? await tokens.verify(asked.refresh_token, 'refresh') : undefined
      const ended = other && other.user.id === own.user.id ? [own, other] : [own]
      await store.group.run(() => {
        for (const { jti, expires_at } of ended)
          store.revokedTokens.insert({ jti, reason: 'logout', revoked_at: now(), expires_at })
        const { user } = own
        if (asked.all_devices)
          store.users.update(
            user,
            { token_version: user.token_version + 1, session_version: user.session_version + 1 },
            now(),
          )
      })
      return c.json({ success: true, message: 'Logged out', tokens_invalidated: asked.all_devices === true })
    })

    .get('/me', requires(tokens), (c) => c.json(userBody(userOf(c))))

    .post('/ws-ticket', requires(tokens), async (c) =>
      c.json({ ticket: await tokens.ticket(userOf(c)), expires_in: TICKET_SECONDS }),
    )
}
