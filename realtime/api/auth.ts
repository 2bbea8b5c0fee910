/** `/auth`: setup of the first administrator, login, refresh, logout. Wire format: rest-contract §3. */
import Type from 'typebox'
import type { Store } from '../../storage/store.js'
import {
  Email,
  FullName,
  hashed,
  NewAccount,
  openAccount,
  StrongPassword,
  UserBody,
  Username,
  userBody,
} from '../accounts.js'
import { Problem } from '../problem.js'
import { type Resource, route } from '../route.js'
import { createSessions, type SessionsOptions } from '../sessions.js'
import { given, nullable } from '../shapes.js'
import { TICKET_SECONDS } from '../tokens.js'
import { byUser, type Doer, loginFailed, userCreated } from '../user-audit.js'
import type { Health } from './health.js'

const Setup = Type.Object({
  username: Username,
  email: Email,
  password: StrongPassword,
  full_name: given(FullName),
})
const Login = Type.Object({
  username: Type.String({ minLength: 1, maxLength: 254, description: 'user name or e-mail address' }),
  password: Type.String({ minLength: 1, maxLength: 128 }),
  remember_me: Type.Optional(Type.Boolean({ description: 'access for 7 days instead of 30 minutes' })),
})
const LoginForm = Type.Object({
  grant_type: Type.Optional(Type.Literal('password')),
  username: Login.properties.username,
  password: Login.properties.password,
})

const TokenPair = Type.Object({
  access_token: Type.String({ description: 'JWT; goes into `Authorization: Bearer`' }),
  refresh_token: Type.String({ description: 'good for one exchange, for 7 days' }),
  token_type: Type.Literal('bearer'),
  expires_in: Type.Integer({ description: 'of the access token, seconds' }),
})
const Done = { success: Type.Literal(true), message: Type.String() }
const Session = Type.Object({ ...Done, tokens: TokenPair, user: UserBody })
const done = <const T extends object>(message: string, more: T) => ({
  success: true as const,
  message,
  ...more,
})

export interface AuthOptions extends SessionsOptions {
  store: Store
  tls: boolean
  /** MQTT clients need credentials. */
  mqttAuth: boolean
  /** Of MQTT over TCP, while it is served. */
  mqttPort: () => number | null
  look: () => Health
}

export function auth(options: AuthOptions): Resource {
  const { store, tokens, now, tls, mqttAuth, mqttPort, look } = options
  const sessions = createSessions(options)
  const firstOnly = (): void => {
    if (store.users.count > 0) throw new Problem('permission_denied', 'Setup is done; log in instead')
  }

  /** Begins a session, and writes down that somebody did or could not. */
  const begin = async (asked: Doer & { body: Parameters<typeof sessions.begin>[0] }) => {
    try {
      const session = await sessions.begin(asked.body, asked.address)
      store.auditLogs.note(byUser({ ...asked, user: session.user }, { event_type: 'login_success' }), now())
      return session
    } catch (error) {
      if (error instanceof Problem && error.code === 'not_authenticated')
        store.auditLogs.note(loginFailed(asked, store.users.find(asked.body.username)), now())
      throw error
    }
  }

  return {
    prefix: '/auth',
    tag: 'Login',
    routes: [
      route({
        method: 'GET',
        path: '/status',
        role: 'public',
        summary: 'Whether somebody has set kaiser up, and how MQTT clients come in',
        answer: Type.Object({
          setup_required: Type.Boolean({ description: 'nobody is registered yet: POST /auth/setup' }),
          users_exist: Type.Boolean(),
          mqtt_auth_enabled: Type.Boolean({ description: 'MQTT clients need credentials' }),
          mqtt_tls_enabled: Type.Boolean(),
          mqtt_port: nullable(Type.Integer({ description: 'of MQTT over TCP; null while it is not served' })),
        }),
        handle: () => ({
          setup_required: store.users.count === 0,
          users_exist: store.users.count > 0,
          mqtt_auth_enabled: mqttAuth,
          mqtt_tls_enabled: tls,
          mqtt_port: mqttPort(),
        }),
      }),

      route({
        method: 'POST',
        path: '/setup',
        role: 'public',
        summary: 'Register the first administrator; only while nobody is registered',
        body: Setup,
        answer: Session,
        errors: ['permission_denied'],
        async handle(asked) {
          const { password, ...account } = asked.body
          firstOnly()
          const password_hash = await hashed('password', password, true)
          const user = await store.group.run(() => {
            firstOnly()
            const first = openAccount(store, { ...account, role: 'admin' }, password_hash, now())
            store.auditLogs.insert(
              byUser({ ...asked, user: first }, { event_type: 'setup_completed' }),
              now(),
            )
            return first
          })
          const issued = await tokens.issue(user, false)
          return done('Administrator created', { tokens: issued, user: userBody(user) })
        },
      }),

      route({
        method: 'POST',
        path: '/login',
        role: 'public',
        summary: 'Log in; ten attempts per minute and address',
        body: Login,
        answer: Session,
        errors: ['not_authenticated', 'rate_limited'],
        async handle(asked) {
          const { user, tokens } = await begin(asked)
          return done('Logged in', { tokens, user: userBody(user) })
        },
      }),

      route({
        method: 'POST',
        path: '/login/form',
        role: 'public',
        summary: 'Log in with an OAuth 2.0 password form; answers the bare tokens',
        form: true,
        body: LoginForm,
        answer: TokenPair,
        errors: ['not_authenticated', 'rate_limited'],
        handle: async (asked) => (await begin(asked)).tokens,
      }),

      route({
        method: 'POST',
        path: '/register',
        role: 'admin',
        summary: 'Register somebody',
        description: 'As POST /users, but the password needs a special character too.',
        body: Type.Object({ ...NewAccount.properties, password: StrongPassword }),
        answer: Type.Object({ ...Done, user: UserBody }),
        errors: ['already_exists'],
        async handle(asked) {
          const { password, ...account } = asked.body
          const password_hash = await hashed('password', password, true)
          const user = await store.group.run(() => {
            const opened = openAccount(store, account, password_hash, now())
            store.auditLogs.insert(userCreated(asked, opened), now())
            return opened
          })
          return done(`${user.username} is registered`, { user: userBody(user) })
        },
      }),

      route({
        method: 'POST',
        path: '/refresh',
        role: 'public',
        summary: 'Exchange a refresh token for new tokens',
        description: 'The old one stays good for another 30 s: pages ask twice at the same moment.',
        body: Type.Object({ refresh_token: Type.String() }),
        answer: Type.Object({ ...Done, tokens: TokenPair }),
        errors: ['not_authenticated'],
        async handle({ body }) {
          const { tokens } = await sessions.renew(body.refresh_token)
          return done('Refreshed', { tokens })
        },
      }),

      route({
        method: 'POST',
        path: '/logout',
        role: 'viewer',
        summary: 'End this session, or all of one’s own',
        body: Type.Object({
          all_devices: Type.Optional(Type.Boolean({ description: 'end every session of this user' })),
          refresh_token: given(Type.String({ description: 'of this session, to end it too' })),
        }),
        answer: Type.Object({
          ...Done,
          tokens_invalidated: Type.Boolean({ description: 'those of all sessions' }),
        }),
        async handle(asked) {
          const { body, claims } = asked
          await sessions.end(claims, body)
          store.auditLogs.note(byUser(asked, { event_type: 'logout' }), now())
          if (body.all_devices)
            store.auditLogs.note(
              byUser(asked, { event_type: 'token_revoked', details: { all_devices: true } }),
              now(),
            )
          return done('Logged out', { tokens_invalidated: body.all_devices === true })
        },
      }),

      route({
        method: 'GET',
        path: '/me',
        role: 'viewer',
        summary: 'Who I am',
        answer: UserBody,
        handle: ({ user }) => userBody(user),
      }),

      route({
        method: 'POST',
        path: '/ws-ticket',
        role: 'viewer',
        summary:
          'A short-lived token for opening the realtime WebSocket, so that no real one stands in a URL',
        answer: Type.Object({
          ticket: Type.String({ description: '/api/v1/ws/realtime/{client_id}?token={ticket}' }),
          expires_in: Type.Integer({ description: 'seconds' }),
        }),
        handle: async ({ user }) => ({ ticket: await tokens.ticket(user), expires_in: TICKET_SECONDS }),
      }),

      route({
        method: 'GET',
        path: '/mqtt/status',
        role: 'viewer',
        summary: 'How MQTT clients come in',
        description:
          'Each device has a password of its own; there is no shared account and no password file.',
        answer: Type.Object({
          success: Type.Literal(true),
          enabled: Type.Boolean({ description: 'MQTT clients need credentials' }),
          username: Type.Null(),
          password_file_exists: Type.Literal(false),
          broker_connected: Type.Boolean(),
          last_configured: Type.Null(),
        }),
        handle: () => ({
          success: true as const,
          enabled: mqttAuth,
          username: null,
          password_file_exists: false as const,
          broker_connected: look().checks.mqtt === true,
          last_configured: null,
        }),
      }),
    ],
  }
}
