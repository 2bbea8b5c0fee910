/**
 * `/users`: who may come in, as what. Whoever is deleted, disabled or given another role loses their tokens at
 * once, and somebody who can change that back always remains. Wire format: rest-contract §4.
 */
import Type from 'typebox'
import { isPassword } from '../../routing/passwords.js'
import type { Store } from '../../storage/store.js'
import type { User } from '../../storage/users.js'
import {
  Email,
  FullName,
  hashed,
  NewAccount,
  NewPassword,
  openAccount,
  RoleName,
  UserBody,
  untaken,
  userBody,
} from '../accounts.js'
import { createAttempts } from '../attempts.js'
import { CHALLENGE, Problem, rateLimited } from '../problem.js'
import { type Resource, route } from '../route.js'
import { given } from '../shapes.js'
import { byUser, userCreated } from '../user-audit.js'

const Id = Type.Object({ id: Type.Integer() })
const Done = Type.Object({ success: Type.Literal(true), message: Type.String() })

/** Own password changes of one user. */
const ATTEMPTS = 10
const ATTEMPTS_MS = 60_000

export interface UsersOptions {
  store: Store
  now: () => number
  monotonic: () => number
}

export function users({ store, now, monotonic }: UsersOptions): Resource {
  const attempts = createAttempts(ATTEMPTS, ATTEMPTS_MS, monotonic)

  const find = (id: number): User => {
    const user = store.users.get(id)
    if (!user) throw new Problem('not_found', `User ${id} is not known`)
    return user
  }

  /** Throws Problem (409) when nobody else could undo what is about to happen to this user. */
  const notTheLast = (user: User): void => {
    const ruling = store.users.list().filter(({ role, is_active }) => role === 'admin' && is_active === 1)
    if (ruling.length === 1 && ruling[0]!.id === user.id) throw new Problem('last_administrator')
  }

  return {
    prefix: '/users',
    tag: 'People',
    routes: [
      route({
        method: 'GET',
        path: '',
        role: 'admin',
        summary: 'Everybody who is registered',
        answer: Type.Object({
          success: Type.Literal(true),
          users: Type.Array(UserBody),
          total: Type.Integer(),
        }),
        handle() {
          const everybody = store.users.list().map(userBody)
          return { success: true as const, users: everybody, total: everybody.length }
        },
      }),

      route({
        method: 'POST',
        path: '',
        role: 'admin',
        summary: 'Register somebody',
        status: 201,
        body: NewAccount,
        answer: UserBody,
        errors: ['already_exists'],
        async handle(asked) {
          const { password, ...account } = asked.body
          const password_hash = await hashed('password', password, false)
          const opened = await store.group.run(() => {
            const user = openAccount(store, account, password_hash, now())
            store.auditLogs.insert(userCreated(asked, user), now())
            return user
          })
          return userBody(opened)
        },
      }),

      route({
        method: 'PATCH',
        path: '/me/password',
        role: 'viewer',
        summary: 'Change one’s own password',
        description: 'Access tokens end at once, this one too; refresh tokens go on.',
        body: Type.Object({ current_password: Type.String({ maxLength: 128 }), new_password: NewPassword }),
        answer: Done,
        errors: ['rate_limited'],
        async handle(asked) {
          const { current_password, new_password } = asked.body
          const { id, password_hash } = asked.user
          const wait = attempts.attempt(String(id))
          if (wait > 0) throw rateLimited(wait, 'Too many attempts')
          if (!(await isPassword(current_password, password_hash))) {
            store.auditLogs.note(
              byUser(asked, { event_type: 'password_changed', severity: 'warning', status: 'failed' }),
              now(),
            )
            throw new Problem('not_authenticated', 'The current password is wrong', CHALLENGE)
          }
          const changed = await hashed('new_password', new_password, false)
          await store.group.run(() => {
            const user = find(id)
            const token_version = user.token_version + 1
            store.users.update(user, { password_hash: changed, token_version }, now())
            store.auditLogs.insert(byUser(asked, { event_type: 'password_changed' }), now())
          })
          return { success: true as const, message: 'Password changed' }
        },
      }),

      route({
        method: 'GET',
        path: '/{id}',
        role: 'admin',
        summary: 'One user',
        params: Id,
        answer: UserBody,
        errors: ['not_found'],
        handle: ({ params: { id } }) => userBody(find(id)),
      }),

      route({
        method: 'PATCH',
        path: '/{id}',
        role: 'admin',
        summary: 'Change somebody’s address, name, role or access',
        description:
          'Another role ends the access tokens of this user; a disabled account has no tokens, also when it is enabled again.',
        params: Id,
        body: Type.Object({
          email: Type.Optional(Email),
          full_name: given(FullName),
          role: Type.Optional(RoleName),
          is_active: Type.Optional(Type.Boolean()),
        }),
        answer: UserBody,
        errors: ['not_found', 'already_exists', 'last_administrator'],
        async handle(asked) {
          const { id } = asked.params
          const { email, full_name, role, is_active } = asked.body
          const changed = await store.group.run(() => {
            const user = find(id)
            if (email !== undefined) untaken(store, 'E-mail address', email, id)
            const demoted = role !== undefined && role !== 'admin'
            if (demoted || is_active === false) notTheLast(user)
            const enabled = is_active === true && user.is_active === 0
            const details = { id, username: user.username, fields: Object.keys(asked.body), role, is_active }
            store.auditLogs.insert(byUser(asked, { event_type: 'user_changed', details }), now())
            return store.users.update(
              user,
              {
                ...(email !== undefined && { email }),
                ...(full_name !== undefined && { full_name: full_name || null }),
                ...(role !== undefined && { role }),
                ...(is_active !== undefined && { is_active: is_active ? 1 : 0 }),
                ...((enabled || (role ?? user.role) !== user.role) && {
                  token_version: user.token_version + 1,
                }),
                ...(enabled && { session_version: user.session_version + 1 }),
              },
              now(),
            )
          })
          return userBody(changed)
        },
      }),

      route({
        method: 'DELETE',
        path: '/{id}',
        role: 'admin',
        summary: 'Delete somebody',
        status: 204,
        params: Id,
        errors: ['not_found', 'own_account', 'last_administrator'],
        async handle(asked) {
          const { id } = asked.params
          await store.group.run(() => {
            const user = find(id)
            if (id === asked.user.id) throw new Problem('own_account')
            notTheLast(user)
            store.users.remove(user)
            const details = { id, username: user.username }
            store.auditLogs.insert(byUser(asked, { event_type: 'user_deleted', details }), now())
          })
          return undefined
        },
      }),

      route({
        method: 'POST',
        path: '/{id}/reset-password',
        role: 'admin',
        summary: 'Give somebody a new password; ends all of their sessions',
        params: Id,
        body: Type.Object({ new_password: NewPassword }),
        answer: Done,
        errors: ['not_found'],
        async handle(asked) {
          const { id } = asked.params
          const { new_password } = asked.body
          find(id)
          const password_hash = await hashed('new_password', new_password, false)
          const { username } = await store.group.run(() => {
            const user = find(id)
            const { token_version, session_version } = user
            const details = { id, username: user.username }
            store.auditLogs.insert(byUser(asked, { event_type: 'password_reset', details }), now())
            return store.users.update(
              user,
              { password_hash, token_version: token_version + 1, session_version: session_version + 1 },
              now(),
            )
          })
          return { success: true as const, message: `${username} has a new password` }
        },
      }),
    ],
  }
}
